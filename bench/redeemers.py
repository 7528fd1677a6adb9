"""Players who type promo codes beside the crowd that taps: each one code, timed from its update to the answer."""

import itertools
import time
from typing import Any

import msgspec

from bench.load import Load
from bench.ticking import ticks


class _Chat(msgspec.Struct):
    chat_id: int = 0
    text: str = ""


class Redeemers(Load):
    """A crowd with players in it who type a code."""

    def __init__(self, *, secret: str) -> None:
        """Send `secret` with every update."""
        super().__init__(secret=secret)
        self.answers: list[tuple[float, float, str]] = []
        """(when a code was typed, seconds until the answer was sent, its text)"""
        self._typed: dict[int, float] = {}
        """Since when players wait for an answer, by id."""
        self._ids = itertools.count(30_000_000)
        self._chats = msgspec.json.Decoder(_Chat)

    @property
    def redeeming(self) -> int:
        """How many wait for an answer."""
        return len(self._typed)

    async def redeem(self, code: str, rate: float, seconds: float) -> None:
        """Let players who are new type a code, evenly spread, `rate` of them a second."""
        async for _ in ticks(rate, int(rate * seconds)):
            self._type(code)

    def _type(self, code: str) -> None:
        player = next(self._ids)
        self._typed[player] = time.perf_counter()
        sender = {"id": player, "is_bot": False, "first_name": f"R{player}", "language_code": "en"}
        message: dict[str, Any] = {
            "message_id": 1,
            "date": int(time.time()),
            "from": sender,
            "chat": {"id": player, "type": "private", "first_name": sender["first_name"]},
            "text": f"/promo {code}",
        }
        self.post(msgspec.json.encode({"update_id": next(self._updates), "message": message}))

    def _on_call(self, path: str, body: bytes) -> bytes:
        if path.endswith("/sendMessage"):
            call = self._chats.decode(body)
            since = self._typed.pop(call.chat_id, None)
            if since is not None:
                self.answers.append((since, time.perf_counter() - since, call.text))
        return super()._on_call(path, body)
