"""Composition root: what gameplay is made of. Importing it does no I/O."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from actors.engine.runtime import Dependencies, Provided
from actors.spec import ServiceSpec
from actors.supervision import Supervised
from contracts.berlin import day_of
from contracts.gameplay import (
    DailyCompleted,
    PlayerJoined,
    PlayerRestated,
    QuestionSwitched,
    RoundAbandoned,
    ShowDailyResult,
)
from gameplay.domain.bank import QuestionBank
from gameplay.handlers import (
    actor,
    answers,
    books,
    endpoints,
    entitlements,
    games,
    grants,
    jobs,
    looking,
    questions,
    reminders,
    restating,
    settings,
    streaks,
    views,
)
from gameplay.store.bank_import import ship
from gameplay.store.beginnings import Beginnings
from gameplay.store.grants import GrantStore
from gameplay.store.players import JournalOfValue, PlayerStore
from gameplay.store.questions import SwitchStore, load_bank
from gameplay.store.rounds import AbandonedRounds, RoundStore
from gameplay.store.scores import Boards, DailyRuns, DailyStandings, Leaderboards, ScoreJournal

HANDLERS = (
    games, answers, views, settings, streaks, grants, entitlements, questions, reminders, jobs, endpoints, books,
    looking, restating,
)  # fmt: skip
"""The modules that enter what gameplay does into the actor's table."""

actor.keep(
    PlayerStore(),
    RoundStore(),
    GrantStore(),
    SwitchStore(),
    Boards(),
    DailyStandings(),
    JournalOfValue(),
    ScoreJournal(),
    DailyRuns(),
    Beginnings(),
    AbandonedRounds(),
)

SPEC = ServiceSpec(
    name="gameplay",
    actor=actor,
    publishes=(ShowDailyResult,),
    on_record=(DailyCompleted, PlayerJoined, PlayerRestated, QuestionSwitched, RoundAbandoned),
)

log = structlog.get_logger()


class BankWatch:
    """Keeps the bank in memory up to date: an operator's switch, an import and a new day show within one interval."""

    def __init__(self, bank: QuestionBank, means: Dependencies) -> None:
        self._bank = bank
        self._means = means
        self._watching = Supervised("bank watch", self._watch)

    async def look(self) -> None:
        """Load the bank anew if it has changed."""
        async with self._means.pool.acquire() as connection:
            if await load_bank(connection, self._bank, day_of(self._means.clock.now()).local):
                log.info("bank_loaded", questions=len(self._bank), version=self._bank.version)

    async def start(self) -> None:
        """Look again and again, until stopped."""
        self._watching.start()

    async def stop(self) -> None:
        """End the watch, and wait until it has ended."""
        await self._watching.stop()

    def obstacle(self) -> str:
        """Return what keeps it from watching."""
        return self._watching.obstacle()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._means.settings.bank_poll_seconds)
            try:
                await self.look()
            except Exception as error:
                log.warning("bank_not_loaded", error=repr(error))


@asynccontextmanager
async def build(means: Dependencies) -> AsyncGenerator[Provided]:
    """Bring the shipped bank into its table, load the bank, and watch over it."""
    leaderboards = Leaderboards(means.pool, means.clock)
    bank = QuestionBank()
    watch = BankWatch(bank, means)
    async with means.pool.acquire() as connection:
        await ship(connection)
    await watch.look()
    try:
        yield Provided(resources={QuestionBank: bank, Leaderboards: leaderboards}, ingresses=(watch,))
    finally:
        await leaderboards.stop()


__all__ = ["HANDLERS", "SPEC", "build"]
