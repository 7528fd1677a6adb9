"""Jobs (DOMAIN §12) on real Postgres: they find whom they are for, run twice without harm, and leave the rest alone."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from gameplay_resources import resources

from actors.clock import ManualClock
from actors.engine.delivery import Delivery
from actors.engine.running_job import RunningJob
from actors.engine.turns import Turns
from actors.schedules import Due
from contracts.berlin import ONE_DAY, day
from contracts.gameplay import Mode, Reminder, ReminderDue, RoundAbandoned, StreakChanged
from contracts.ids import new_entity_id
from contracts.message import Contract, decode, find
from gameplay.app import SPEC
from gameplay.domain.bank import QuestionBank
from gameplay.domain.energy import Energy
from gameplay.domain.player import Player, Settings
from gameplay.domain.rounds import Round, RoundStatus
from gameplay.domain.run import DailyRun, Game
from gameplay.domain.streak import Streak
from gameplay.handlers.jobs import (
    forget_old,
    push_daily,
    remind_of_daily,
    remind_of_streak,
    settle_streaks,
    sweep_rounds,
)
from gameplay.store.players import PlayerStore
from gameplay.store.rounds import SQL, RoundStore

pytestmark = pytest.mark.services("gameplay")

TODAY = date(2026, 3, 4)
YESTERDAY = TODAY - ONE_DAY
MORNING = day(TODAY).begins + timedelta(minutes=10)


class Night:
    """The service's jobs at a time of one's choosing."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", bank: QuestionBank) -> None:
        self.pool = pool
        self.clock = ManualClock(MORNING)
        self.told: list[Contract] = []
        self.taken = 0
        self._turns = Turns(SPEC.actor, pool=pool, clock=self.clock, resources=resources(bank, pool, self.clock))

    async def run(self, due: Due) -> list[Contract]:
        """Run a job and return what its turns emitted."""
        self.told.clear()
        job = RunningJob(service="gameplay", clock=self.clock, acquire=self.pool.acquire, take=self._take)
        await SPEC.actor.jobs[type(due)](due, job)
        return list(self.told)

    async def _take(self, deliveries: Sequence[Delivery]) -> None:
        taken = await self._turns.take(deliveries)
        assert not taken.failed
        self.taken += len(deliveries)
        self.told += [decode(find(row.headers["ce-type"]), row.body) for row in taken.outbox]

    async def save(self, *players: Player) -> None:
        async with self.pool.acquire() as connection:
            await PlayerStore().save(connection, players)

    async def load(self, player_id: int) -> Player:
        async with self.pool.acquire() as connection, connection.transaction():
            return (await PlayerStore().load(connection, [player_id]))[player_id]


@pytest.fixture
def night(pool: "asyncpg.Pool[asyncpg.Record]", shipped: QuestionBank) -> Night:
    return Night(pool, shipped)


def somebody(player_id: int, streak: Streak | None = None, **more: bool) -> Player:
    player = Player(player_id, Energy(20, 0, MORNING, TODAY), joined_at=MORNING)
    player.streak = streak or Streak()
    player.settings = Settings(**more)
    return player


def streak_of(days: int, on: date) -> Streak:
    return Streak(days, days, on, on)


async def test_the_nightly_settlement_settles_missed_days_once(night: Night):
    saved = somebody(2, streak_of(4, YESTERDAY - ONE_DAY))
    saved.saver_tokens = 1
    lost, fine = somebody(1, streak_of(6, YESTERDAY - ONE_DAY)), somebody(3, streak_of(9, YESTERDAY))
    await night.save(lost, saved, fine, somebody(4))
    told = [message for message in await night.run(settle_streaks.due()) if isinstance(message, StreakChanged)]
    assert [(m.player_id, m.lost_days, m.savers_used, m.streak.days) for m in told] == [(1, 6, 0, 0), (2, 0, 1, 4)]
    assert night.taken == 2
    assert (await night.load(2)).saver_tokens == 0
    assert await night.run(settle_streaks.due()) == []


async def test_the_settlement_walks_through_all_pages(night: Night):
    await night.save(*(somebody(number, streak_of(1, YESTERDAY - ONE_DAY)) for number in range(1, 1203)))
    assert len(await night.run(settle_streaks.due())) == 1202


async def test_reminders_reach_those_who_want_and_need_them_once_a_day(night: Night):
    done = somebody(1)
    done.daily = DailyRun(TODAY, answered=7)
    half = somebody(2)
    half.daily = DailyRun(TODAY, answered=3)
    quiet = somebody(3, streak_of(8, YESTERDAY), daily_push=False, daily_reminder=False, streak_reminder=False)
    await night.save(done, half, quiet, somebody(4, streak_of(3, YESTERDAY)), somebody(5, streak_of(2, YESTERDAY)))
    for due, reminder, players in (
        (push_daily.due(), Reminder.DAILY_PUSH, [2, 4, 5]),
        (remind_of_daily.due(), Reminder.DAILY_REMINDER, [2, 4, 5]),
        (remind_of_streak.due(), Reminder.STREAK_AT_RISK, [4]),
    ):
        told = [message for message in await night.run(due) if isinstance(message, ReminderDue)]
        assert [(message.player_id, message.reminder) for message in told] == [(one, reminder) for one in players]
        assert await night.run(due) == []


async def open_round(night: Night, player_id: int, age: timedelta) -> Round:
    """A player with an open round that began `age` ago."""
    begun = night.clock.now() - age
    opened = Round(
        new_entity_id(f"start-{player_id}", 1, begun),
        player_id,
        Mode.QUICK_MIX_A1A2,
        "qm-a1-001",
        0,
        1,
        RoundStatus.STARTED,
        begun,
    )
    player = somebody(player_id)
    player.game = Game(opened.mode, opened.id)
    await night.save(player)
    async with night.pool.acquire() as connection:
        await RoundStore().save(connection, [opened])
    return opened


async def test_the_sweep_closes_rounds_that_nobody_answered_for_half_an_hour(night: Night):
    old = await open_round(night, 1, timedelta(days=3))
    ripe = await open_round(night, 2, timedelta(minutes=30, seconds=1))
    fresh = await open_round(night, 3, timedelta(minutes=29))
    told = [message for message in await night.run(sweep_rounds.due()) if isinstance(message, RoundAbandoned)]
    assert [message.round_id for message in told] == [old.id, ripe.id]
    assert (await night.load(2)).game is None
    assert (await night.load(3)).game is not None
    assert await night.run(sweep_rounds.due()) == []
    night.clock.advance(minutes=5)
    told = [message for message in await night.run(sweep_rounds.due()) if isinstance(message, RoundAbandoned)]
    assert [message.round_id for message in told] == [fresh.id]
    statuses = await night.pool.fetch("select distinct status from rounds")
    assert [row[0] for row in statuses] == ["ABANDONED"]


async def test_the_sweep_walks_the_primary_key(night: Night):
    async with night.pool.acquire() as connection:
        await connection.execute(
            "insert into rounds (id, player_id, mode, question_id, option_order, number, status, started_at) "
            "select overlay(gen_random_uuid()::text placing lpad(to_hex(n), 8, '0') from 1)::uuid, n, 'X', 'q', 0, 1, "
            "'STARTED', now() from generate_series(1, 5000) as n"
        )
        await connection.execute("analyze rounds")
        span = [uuid.UUID(int=5000 << 96), uuid.UUID(int=4900 << 96), 500]
        plan = await connection.fetch(f"explain {SQL['rounds_to_sweep']}", *span)
    text = "\n".join(row[0] for row in plan)
    assert "rounds_pkey" in text
    assert "Seq Scan" not in text


async def test_retention_deletes_old_inbox_rows_and_nothing_else(night: Night):
    await night.save(somebody(1))
    async with night.pool.acquire() as connection:
        old, new = MORNING - timedelta(days=30, seconds=1), datetime(2026, 3, 1, tzinfo=UTC)
        await connection.executemany("insert into inbox (id, handled_at) values ($1, $2)", [("old", old), ("new", new)])
        await night.run(forget_old.due())
        assert [row[0] for row in await connection.fetch("select id from inbox")] == ["new"]
        assert await connection.fetchval("select count(*) from players") == 1
