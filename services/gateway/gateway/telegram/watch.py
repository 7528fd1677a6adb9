"""Looks after taps: one that no event has answered within 3 s is answered here, so that its clock stops turning.

Kept in memory only: after a crash the event answers, or Telegram gives up on the tap. Another replica may have heard
the event meanwhile, so the inbox is asked before a tap is called late. Answering twice is harmless.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence

import msgspec
import structlog

from gateway import metrics
from gateway.domain.chat import nearest_language
from gateway.domain.update import read_tap

LATE_SECONDS = 3.0
LOOK_SECONDS = 0.25
WAITING_MAX = 50_000
AT_ONCE = 16

log = structlog.get_logger()


Answer = Callable[[str, str], Awaitable[object]]
Heard = Callable[[Sequence[str]], Awaitable[Collection[str]]]


class _Tap(msgspec.Struct, frozen=True):
    query_id: str
    language: str
    cause: str
    deadline: float


class TapWatch:
    """The taps whose answer is on its way."""

    def __init__(self, answer: Answer, heard: Heard, *, late_seconds: float = LATE_SECONDS) -> None:
        """Call `answer` with (query id, language) for a tap that nobody answered in time.

        `heard` is given the message ids of late taps' updates and returns those that an event has come of.
        """
        self._answer = answer
        self._heard = heard
        self._late_seconds = late_seconds
        self._waiting: dict[str, _Tap] = {}

    def expect(self, query_id: str, language: str, cause: str) -> None:
        """Begin to wait for the answer to a tap; `cause` is the id of the message that brought it."""
        if len(self._waiting) < WAITING_MAX:
            self._waiting[query_id] = _Tap(query_id, language, cause, time.monotonic() + self._late_seconds)

    def answered(self, query_id: str) -> None:
        """Stop waiting: the answer is being given."""
        self._waiting.pop(query_id, None)

    async def run(self) -> None:
        """Answer late taps until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            late = await self._unheard(self._late())
            for start in range(0, len(late), AT_ONCE):
                await asyncio.gather(*(self._answer_late(tap) for tap in late[start : start + AT_ONCE]))

    async def _unheard(self, late: list[_Tap]) -> list[_Tap]:
        if not late:
            return late
        try:
            heard = await self._heard([tap.cause for tap in late])
        except Exception as error:
            log.warning("late_taps_unchecked", error=str(error))
            return late
        return [tap for tap in late if tap.cause not in heard]

    async def _answer_late(self, tap: _Tap) -> None:
        metrics.TAPS_LATE.inc()
        metrics.TAP_SECONDS.observe(self._late_seconds)
        try:
            await self._answer(tap.query_id, tap.language)
        except Exception as error:
            # Best effort: the event may still answer.
            log.warning("late_tap_unanswered", error=str(error))

    def _late(self) -> list[_Tap]:
        """Take out the taps whose time is over: they were put in by time, so the first one in time ends the search."""
        now = time.monotonic()
        late: list[_Tap] = []
        for tap in self._waiting.values():
            if tap.deadline > now:
                break
            late.append(tap)
        for tap in late:
            del self._waiting[tap.query_id]
        return late


def expect_refused_tap(watch: TapWatch, raw: bytes) -> None:
    """Have a tap answered that a full mailbox refused: no handler will ever see it. Other updates need no answer."""
    update = read_tap(raw)
    if update is None or not update.callback_query.query_id:
        return
    tap = update.callback_query
    code = "" if tap.player is None else tap.player.language_code
    watch.expect(tap.id, nearest_language(code), f"tg:{update.update_id}")
