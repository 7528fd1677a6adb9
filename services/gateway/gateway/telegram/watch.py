"""Looks after taps: one that no event has answered within 3 s is answered here, so that its clock stops turning.

Kept in memory only: after a crash the event answers, or Telegram gives up on the tap. Answering twice is harmless.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from gateway import metrics
from gateway.domain.chat import nearest_language
from gateway.domain.update import tap_decoder

LATE_SECONDS = 3.0
LOOK_SECONDS = 0.25
WAITING_MAX = 50_000
AT_ONCE = 16

log = structlog.get_logger()


class TapWatch:
    """The taps whose answer is on its way."""

    def __init__(self, answer: Callable[[str, str], Awaitable[object]], *, late_seconds: float = LATE_SECONDS) -> None:
        """Call `answer` with (query id, language) for a tap that nobody answered in time."""
        self._answer = answer
        self._late_seconds = late_seconds
        self._waiting: dict[str, tuple[float, str]] = {}

    def expect(self, query_id: str, language: str) -> None:
        """Begin to wait for the answer to a tap."""
        if len(self._waiting) < WAITING_MAX:
            self._waiting[query_id] = (time.monotonic() + self._late_seconds, language)

    def answered(self, query_id: str) -> None:
        """Stop waiting: the answer is being given."""
        self._waiting.pop(query_id, None)

    async def run(self) -> None:
        """Answer late taps until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            late = self._late()
            for start in range(0, len(late), AT_ONCE):
                await asyncio.gather(*(self._answer_late(*tap) for tap in late[start : start + AT_ONCE]))

    async def _answer_late(self, query_id: str, language: str) -> None:
        metrics.TAPS_LATE.inc()
        try:
            await self._answer(query_id, language)
        except Exception as error:
            # Best effort: the event may still answer.
            log.warning("late_tap_unanswered", error=str(error))

    def _late(self) -> list[tuple[str, str]]:
        """Take out the taps whose time is over: they were put in by time, so the first one in time ends the search."""
        now = time.monotonic()
        late: list[tuple[str, str]] = []
        for query_id, (deadline, language) in self._waiting.items():
            if deadline > now:
                break
            late.append((query_id, language))
        for query_id, _ in late:
            del self._waiting[query_id]
        return late


def expect_refused_tap(watch: TapWatch, raw: bytes) -> None:
    """Have a tap answered that a full mailbox refused: no handler will ever see it. Other updates need no answer."""
    try:
        tap = tap_decoder.decode(raw).callback_query
    except msgspec.DecodeError:
        return
    watch.expect(tap.id, nearest_language(tap.player.language_code))
