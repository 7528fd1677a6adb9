"""The operator: gives back what players ask for, and asks for reconciliation, until there is an answer."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import msgspec
from nats.aio.client import Client
from nats.errors import Error

from devstack.stack import OPERATOR, SECOND_OPERATOR, Stack

_ASK_SECONDS = 6
_AWAY = (
    Error, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError,
)  # fmt: skip
"""What asking comes to while a server is down."""


class Operator:
    """Asks at the admin doors, again and again with one request id, as the runbook says."""

    def __init__(self, stack: Stack) -> None:
        """Sign in with the first request."""
        self._stack = stack
        self._clients: dict[str, Client] = {}

    async def refund(self, player_id: int, charge_id: str) -> None:
        """Give a charge back, as soon as payments knows it."""
        purchase_id = await _until(lambda: self._purchase_of(charge_id))
        request = {"player_id": player_id, "purchase_id": str(purchase_id), "note": "a player asked for it"}
        await self.ask("admin.payments.refund.start", request | {"request_id": f"refund-{charge_id[:40]}"})

    async def ask(self, subject: str, request: dict[str, Any]) -> Any:
        """Return the answer of a door."""
        where = f"{subject}.{OPERATOR}" if subject.startswith("admin.") else subject
        return await _until(lambda: self._request(OPERATOR, where, msgspec.json.encode(request)))

    async def second(self, subject: str, request: dict[str, Any]) -> Any:
        """Return the answer of a door to the other operator, who approves."""
        where = f"{subject}.{SECOND_OPERATOR}"
        return await _until(lambda: self._request(SECOND_OPERATOR, where, msgspec.json.encode(request)))

    async def stop(self) -> None:
        """Sign out."""
        for client in self._clients.values():
            await client.close()

    async def _request(self, who: str, subject: str, body: bytes) -> Any:
        if who not in self._clients:
            self._clients[who] = await self._stack.connect_as(who)
        answer = await self._clients[who].request(subject, body, timeout=_ASK_SECONDS)
        found = msgspec.json.decode(answer.data)
        return None if "error" in found and found.get("code", 0) >= 500 else found

    async def _purchase_of(self, charge_id: str) -> Any:
        connection = await asyncpg.connect(self._stack.postgres.dsn("starquiz"))
        try:
            return await connection.fetchval(
                "select purchase_id from payments.charges where id = $1", charge_id, timeout=3
            )
        finally:
            await connection.close()


async def _until(ask: Callable[[], Awaitable[Any]]) -> Any:
    """Ask until there is an answer: whoever should give it may just have been killed."""
    while True:
        with contextlib.suppress(*_AWAY):
            found = await ask()
            if found is not None:
                return found
        await asyncio.sleep(0.5)
