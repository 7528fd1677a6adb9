"""Payments that wait for `answerPreCheckoutQuery`. Each can be answered once, and only for ten seconds."""

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.errors import bad_request
from sandbox.stats import Stats
from sandbox.world.callbacks import TOO_OLD


@dataclass(slots=True)
class Checkout:
    """One pre-checkout query. `ok` is None until the bot answered; `closed` when its time ran out unanswered."""

    id: str
    player_id: int
    message_id: int
    made_at: float
    update_id: int = 0
    ok: bool | None = None
    error_message: str | None = None
    answered_at: float | None = None
    closed: bool = False
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def view(self) -> dict[str, Any]:
        """What scripts see of it."""
        return {
            "id": self.id,
            "update_id": self.update_id,
            "at": self.made_at,
            "answered_at": self.answered_at,
            "ok": self.ok,
        }


class Checkouts:
    """Open and recently answered queries, oldest first; forgotten after twice the answering time."""

    def __init__(self, answer_seconds: float, clock: Clock, stats: Stats) -> None:
        self.answer_seconds = answer_seconds
        self._clock = clock
        self._stats = stats
        self._queries: OrderedDict[str, Checkout] = OrderedDict()
        self._prefix = secrets.randbelow(9_000_000) + 1_000_000
        self._count = 0

    def open(self, player_id: int, message_id: int) -> Checkout:
        """Make a new query that waits for its answer."""
        now = self._clock.now()
        self._forget(now)
        self._count += 1
        checkout = Checkout(f"{self._prefix}{self._count:012d}", player_id, message_id, now)
        self._queries[checkout.id] = checkout
        self._stats.payments["asked"] += 1
        return checkout

    def answer(self, query_id: str, *, ok: bool, error_message: str | None) -> Checkout:
        """Take the bot's answer; 400 when the id is unknown, already answered, or too old."""
        now = self._clock.now()
        checkout = self._queries.get(query_id)
        problem = self._problem(checkout, now)
        if checkout is None or problem is not None:
            self._stats.payments[problem or "unknown_answers"] += 1
            raise bad_request(TOO_OLD)
        checkout.ok, checkout.error_message, checkout.answered_at = ok, error_message, now
        self._stats.payments["ok" if ok else "refused"] += 1
        checkout.answered.set()
        return checkout

    async def wait(self, checkout: Checkout, seconds: float | None = None) -> None:
        """Until the bot answered or `seconds` are over; without them the answering time, which closes the query."""
        answered = asyncio.ensure_future(checkout.answered.wait())
        over = asyncio.ensure_future(self._clock.sleep(self.answer_seconds if seconds is None else seconds))
        try:
            await asyncio.wait((answered, over), return_when=asyncio.FIRST_COMPLETED)
        finally:
            answered.cancel()
            over.cancel()
        if checkout.ok is None and seconds is None:
            checkout.closed = True
            self._stats.payments["no_answer"] += 1

    def _problem(self, checkout: Checkout | None, now: float) -> str | None:
        if checkout is None:
            return "unknown_answers"
        if checkout.ok is not None:
            return "double_answers"
        return "late_answers" if checkout.closed or now - checkout.made_at > self.answer_seconds else None

    def _forget(self, now: float) -> None:
        horizon = now - 2 * self.answer_seconds
        while self._queries:
            oldest = next(iter(self._queries.values()))
            if oldest.made_at >= horizon:
                return
            del self._queries[oldest.id]
