"""Telegram's books on a lean stand-in: getStarTransactions and getMyStarBalance, as payments asks for them."""

import asyncio
from typing import Any

import msgspec

from bench.lean_http import serve


class _Page(msgspec.Struct):
    offset: int
    limit: int


class StandInWallet:
    """A list of payments, oldest first, of which only what is asked for again has to be here."""

    def __init__(self, *, stored: int, balance: int) -> None:
        """Begin with the last `stored` payments forgotten, which came to `balance` Stars."""
        self._forgotten = stored
        self._balance = balance
        self._rows: list[dict[str, Any]] = []
        self._decoder = msgspec.json.Decoder(_Page)
        self._server: asyncio.Server
        self.address = ""

    async def start(self) -> None:
        """Start answering."""
        self._server, self.address = await serve(self._on_call)

    def stop(self) -> None:
        """Stop answering."""
        self._server.close()

    def remember(self, *, charge_id: str, amount: int, player_id: int, payload: str, at: int) -> None:
        """Put one of the forgotten payments back, before the others: from the newest to the oldest."""
        self._forgotten -= 1
        self._rows.insert(0, _row(charge_id, amount, player_id, payload, at))

    def take(self, *, charge_id: str, amount: int, player_id: int, payload: str, at: int) -> None:
        """Take a payment at a Unix time."""
        self._balance += amount
        self._rows.append(_row(charge_id, amount, player_id, payload, at))

    def _on_call(self, path: str, body: bytes) -> bytes:
        match path.rpartition("/")[2]:
            case "getStarTransactions":
                page = self._decoder.decode(body)
                begin = page.offset - self._forgotten
                if begin < 0:
                    return _refusal(f"offset {page.offset} was read long ago")
                return _answer({"transactions": self._rows[begin : begin + page.limit]})
            case "getMyStarBalance":
                return _answer({"amount": self._balance})
            case method:
                return _refusal(f"{method} is not played here")


def _row(charge_id: str, amount: int, player_id: int, payload: str, at: int) -> dict[str, Any]:
    user = {"id": player_id, "is_bot": False, "first_name": "P"}
    partner = {"type": "user", "transaction_type": "invoice_payment", "user": user, "invoice_payload": payload}
    return {"id": charge_id, "amount": amount, "date": at, "source": partner}


def _answer(result: Any) -> bytes:
    return msgspec.json.encode({"ok": True, "result": result})


def _refusal(why: str) -> bytes:
    return msgspec.json.encode({"ok": False, "error_code": 400, "description": f"Bad Request: {why}"})
