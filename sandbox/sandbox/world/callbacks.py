"""Taps that wait for `answerCallbackQuery`. A tap can be answered once, and only for a while."""

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from sandbox.errors import bad_request
from sandbox.stats import Stats

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass(slots=True)
class Tap:
    """One callback query; `answer` is None until the bot answered, `waiter` is set while a script waits."""

    id: str
    player_id: int
    chat_id: int
    message_id: int
    made_at: float
    answer: dict[str, Any] | None = None
    waiter: asyncio.Future[dict[str, Any]] | None = None


class Callbacks:
    """Open and recently answered taps, oldest first; both are forgotten after twice the answering time."""

    def __init__(self, answer_seconds: float, stats: Stats) -> None:
        self.answer_seconds = answer_seconds
        self._stats = stats
        self._taps: OrderedDict[str, Tap] = OrderedDict()
        self._prefix = secrets.randbelow(9_000_000) + 1_000_000
        self._count = 0

    def open(self, player_id: int, chat_id: int, message_id: int, now: float) -> Tap:
        """Make a new tap on a message of this chat that waits for its answer."""
        self._forget(now)
        self._count += 1
        tap = Tap(f"{self._prefix}{self._count:012d}", player_id, chat_id, message_id, now)
        self._taps[tap.id] = tap
        self._stats.callbacks["made"] += 1
        return tap

    def answer(self, query_id: str, answer: dict[str, Any], now: float) -> Tap:
        """Take the bot's answer; 400 when the id is unknown, already answered, or too old."""
        tap = self._taps.get(query_id)
        problem = self._problem(tap, now)
        if tap is None or problem is not None:
            self._stats.callbacks[problem or "unknown_answers"] += 1
            raise bad_request(TOO_OLD)
        tap.answer = answer
        self._stats.callbacks["answered"] += 1
        if tap.waiter is not None and not tap.waiter.done():
            tap.waiter.set_result(answer)
        return tap

    def _problem(self, tap: Tap | None, now: float) -> str | None:
        if tap is None:
            return "unknown_answers"
        if tap.answer is not None:
            return "double_answers"
        return "late_answers" if now - tap.made_at > self.answer_seconds else None

    def _forget(self, now: float) -> None:
        horizon = now - 2 * self.answer_seconds
        while self._taps:
            oldest = next(iter(self._taps.values()))
            if oldest.made_at >= horizon:
                return
            del self._taps[oldest.id]
