"""What gameplay tells again to a service that comes late: every player, as they stand, page by page."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from contracts.gameplay import Level, Mode, ModeLevel, PlayerRestated
from gameplay.app import SPEC
from gameplay.domain.energy import Energy
from gameplay.domain.levels import ModeProgress
from gameplay.domain.player import Player, Tally
from gameplay.domain.streak import Streak
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
