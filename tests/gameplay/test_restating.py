"""What gameplay tells again to a service that comes late: every player, as they stand, page by page."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

import asyncpg
import pytest

from contracts.gameplay import Level, Mode, ModeLevel, PlayerRestated
from devstack.databases import Database
from gameplay.app import SPEC
from gameplay.domain.beginning import Beginning
from gameplay.domain.energy import Energy
from gameplay.domain.levels import ModeProgress
from gameplay.domain.player import Player, Tally
from gameplay.domain.streak import Streak
from gameplay.store.beginnings import Beginnings
from gameplay.store.players import PlayerStore

pytestmark = pytest.mark.services("gameplay")

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
DAY = date(2026, 3, 3)


def player(player_id: int) -> Player:
    return Player(
        player_id,
        Energy(3, 14, NOON, DAY),
        "Mara",
        "en",
        NOON - timedelta(days=player_id),
        Streak(5, 8, DAY, DAY),
        tally=Tally(90, 60, 7, DAY),
        modes=(
            ModeProgress(Mode.QUICK_MIX_A1A2, Level.A2, 31, 25),
            ModeProgress(Mode.ARTIKEL_SPRINT),
            ModeProgress(Mode.WORD_ORDER, Level.B1),
        ),
    )


async def test_how_a_player_began_is_told_with_them(pool: "asyncpg.Pool[asyncpg.Record]"):
    days = [NOON + timedelta(days=number) for number in range(4)]
    late = NOON + timedelta(days=1, hours=2)
    async with pool.acquire() as connection:
        await PlayerStore().save(connection, [player(n) for n in (1, 2, 3)])
        journal = Beginnings()
        await journal.append(connection, [Beginning(2, NOON, True, False), Beginning(1, NOON, True, False)])
        for day in days[1:]:
            await journal.append(connection, [Beginning(1, day, True, False)])
            await journal.append(connection, [Beginning(1, day, True, False)])
        await journal.append(connection, [Beginning(1, late, False, True)])
        await journal.append(connection, [Beginning(1, days[3], True, True)])
    restatable = SPEC.actor.restatables["players"]
    told: list[Any] = [restatable.tell(row, "referrals", NOON) for row in await pool.fetch(restatable.page, None, None)]
    assert [(one.first_day_at, one.second_day_at, one.twentieth_at) for one in told] == [
        (NOON, days[1], late),
        (NOON, None, None),
        (None, None, None),
    ]


async def test_players_of_before_began_when_their_rounds_say(database: Database):
    text = (files("gameplay") / "migrations/pre/1007_beginnings.sql").read_text()
    backfill = "insert into beginnings" + text.partition("insert into beginnings")[2].partition(";")[0]
    admin = await asyncpg.connect(database.admin_dsn)
    try:
        await admin.execute("set search_path to gameplay")
        await admin.execute(
            """insert into rounds (id, player_id, mode, question_id, option_order, number, status, started_at, chosen,
                is_right, response_ms, answered_at, berlin_day)
            select gen_random_uuid(), 7, 'QUICK_MIX_A1A2', 'q', 0, n, 'COMPLETED', at, 0, true, 5, at, at::date
            from generate_series(1, 30) as n,
                lateral (select $1::timestamptz + n * interval '3 hours' as at) as rounds""",
            NOON - timedelta(hours=11),
        )
        await admin.execute(backfill)
        row = await admin.fetchrow("select first_at, second_at, twentieth_at from beginnings where player_id = 7")
    finally:
        await admin.close()
    first = NOON - timedelta(hours=8)
    assert row is not None
    assert tuple(row) == (first, first + timedelta(hours=21), first + timedelta(hours=57))


async def test_every_player_is_told_once_by_pages(pool: "asyncpg.Pool[asyncpg.Record]"):
    async with pool.acquire() as connection:
        await PlayerStore().save(connection, [player(n) for n in (1, 5, 9, 10, 100)])
    restatable = SPEC.actor.restatables["players"]
    told: list[Any] = []
    cursor: str | None = None
    while rows := await pool.fetch(restatable.page, cursor, 2):
        told += [restatable.tell(row, "referrals", NOON) for row in rows]
        cursor = str(rows[-1][0])
    assert [one.player_id for one in told] == [1, 5, 9, 10, 100]
    assert told[1] == PlayerRestated(
        hearer="referrals",
        player_id=5,
        joined_at=NOON - timedelta(days=5),
        language="en",
        answered=90,
        right=60,
        # Of the modes whose level adapts, where there is one.
        levels=(ModeLevel(mode=Mode.QUICK_MIX_A1A2, level=Level.A2),),
        best_streak=8,
        active_on=DAY,
        streak_days=5,
        streak_settled_on=DAY,
        as_of=NOON,
    )
    assert len(await pool.fetch(restatable.page, None, None)) == 5
