"""A crowd on a lean stand-in for Telegram: posts taps to the webhook, answers the Bot API, times tap → rendered answer.

The sandbox does the same for people; this one does nothing but what a tap needs, so that two cores are left for what
is measured. Its own CPU is counted apart.
"""

import asyncio
import itertools
import time
from collections import deque
from typing import Any

import msgspec

from bench.lean_http import Poster, serve

_CONNECTIONS = 40
"""As many as Telegram opens by default."""
_OK = b'{"ok":true,"result":true}'
_ME = b'{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"Bench","username":"bench_bot"}}'


class _Button(msgspec.Struct):
    callback_data: str = ""


class _Keyboard(msgspec.Struct):
    inline_keyboard: list[list[_Button]] = []


class _Call(msgspec.Struct):
    chat_id: int = 0
    message_id: int = 0
    reply_markup: _Keyboard | None = None


class Person:
    """One player: what they could tap now, and since when they wait for an answer."""

    __slots__ = ("answer", "id", "message_id", "tapped_at")

    def __init__(self, identifier: int) -> None:
        self.id = identifier
        self.message_id = 1
        self.answer = ""
        self.tapped_at = 0.0


class Load:
    """Players who tap at a given rate; a player taps again only after the answer was rendered."""

    def __init__(self, *, secret: str) -> None:
        """Send `secret` with every update."""
        self.people: dict[int, Person] = {}
        self.ready: deque[Person] = deque()
        self.latencies: list[tuple[float, float]] = []
        """(when tapped, seconds until rendered)"""
        self.refused = 0
        self.ended = 0
        self.calls: dict[str, int] = {}
        self._secret = secret
        self._updates = itertools.count(int(time.time() * 1000))
        self._messages = itertools.count(1000)
        self._decoder = msgspec.json.Decoder(_Call)
        self._server: asyncio.Server
        self._poster: Poster

    async def start(self) -> str:
        """Start answering the Bot API; returns its address."""
        self._server, address = await serve(self._on_call)
        return address

    async def connect(self, port: int, path: str) -> None:
        """Connect to the webhook."""
        secret = f"X-Telegram-Bot-Api-Secret-Token: {self._secret}\r\n"
        self._poster = Poster(port=port, path=path, headers=secret, on_status=self._on_status)
        await self._poster.connect(_CONNECTIONS)

    def stop(self) -> None:
        """Stop everything."""
        self._poster.close()
        self._server.close()

    def _on_status(self, status: int) -> None:
        if status != 200:
            self.refused += 1

    @property
    def waiting(self) -> int:
        """How many players wait for an answer."""
        return sum(1 for person in self.people.values() if person.tapped_at)

    # -- tapping --------------------------------------------------------------------------------

    def tap(self, person: Person, data: str, *, update_id: int | None = None) -> None:
        """Tap a button; the answer's arrival is timed."""
        person.tapped_at = time.perf_counter()
        self.post(self.update_of(person, data, update_id))

    def update_of(self, person: Person, data: str, update_id: int | None = None) -> bytes:
        """Return the update of a tap as Telegram words it."""
        number = update_id or next(self._updates)
        sender = {"id": person.id, "is_bot": False, "first_name": f"P{person.id}", "language_code": "de"}
        chat = {"id": person.id, "type": "private", "first_name": sender["first_name"]}
        message = {"message_id": person.message_id, "date": int(time.time()), "chat": chat, "text": "…"}
        query = {"id": str(number), "from": sender, "message": message, "chat_instance": "1", "data": data}
        return msgspec.json.encode({"update_id": number, "callback_query": query})

    def post(self, body: bytes) -> None:
        """Post an update to the webhook, without waiting for it."""
        self._poster.post(body)

    async def play(self, rate: float, seconds: float) -> None:
        """Let ready players tap, evenly spread, `rate` times a second; returns when the time is over."""
        begun = time.perf_counter()
        for number in range(int(rate * seconds)):
            pause = begun + number / rate - time.perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            if self.ready:
                person = self.ready.popleft()
                self.tap(person, person.answer)

    # -- the Bot API ----------------------------------------------------------------------------

    def _on_call(self, path: str, body: bytes) -> bytes:
        method = path.rpartition("/")[2]
        self.calls[method] = self.calls.get(method, 0) + 1
        if method == "getMe":
            return _ME
        if method not in ("sendMessage", "editMessageText"):
            return _OK
        call = self._decoder.decode(body)
        message_id = call.message_id or next(self._messages)
        person = self.people.get(call.chat_id)
        if person is not None:
            self._render(person, message_id, call.reply_markup)
        result: dict[str, Any] = {"message_id": message_id, "date": 1, "chat": {"id": call.chat_id, "type": "private"}}
        return msgspec.json.encode({"ok": True, "result": result})

    def _render(self, person: Person, message_id: int, keyboard: _Keyboard | None) -> None:
        data = [b.callback_data for row in keyboard.inline_keyboard for b in row] if keyboard else []
        answers = [one for one in data if one.startswith("a:")]
        person.message_id = message_id
        if person.tapped_at:
            self.latencies.append((person.tapped_at, time.perf_counter() - person.tapped_at))
            person.tapped_at = 0.0
        if not answers:
            self.ended += 1
            person.answer = ""
            return
        fresh = answers[message_id % 4]
        if fresh != person.answer:
            person.answer = fresh
            self.ready.append(person)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of the values lie; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
