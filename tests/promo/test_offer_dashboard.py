"""`query.offers.dashboard` (DOMAIN §8): exact over any window, by index however much is stored; and its alarms."""

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from math import isclose
from typing import Any

import asyncpg
import pytest
from bench.offers_fill import fill
from offering import PLAYER, WEDNESDAY, credited, empty, offered, tapped
from redeeming_stage import Stage

from actors.store import Connection
from contracts.promo import (
    OffersConversionDropCleared,
    OffersConversionDropDetected,
    OffersDashboard,
    OffersSpamAnomalyCleared,
    OffersSpamAnomalyDetected,
    OfferTap,
)
from devstack.databases import Database
from promo.domain import intervals
from promo.domain.intervals import Sample
from promo.domain.offer_figures import is_dropped, is_spam
from promo.handlers.offer_figures import judge
from promo.store.offers_dashboard import SQL, read_window

pytestmark = pytest.mark.services("promo")

IMPRESSIONS = 30_000
END = WEDNESDAY + timedelta(days=20)


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    """A connection as the schema's owner; 20 days of offers are there."""
    made = await asyncpg.connect(database.owner_dsn("promo"))
    await fill(made, IMPRESSIONS, players=6_000, until=END, days=20)
    yield made
    await made.close()


async def _counted(connection: Connection, since: datetime, until: datetime) -> dict[str, Any]:
    """Count by reading every row."""
    row = await connection.fetchrow(
        """select count(*) filter (where not is_withheld), count(*) filter (where clicked_at is not null),
            count(*) filter (where dismissed_at is not null), count(*) filter (where purchases > 0),
            count(distinct player_id) filter (where not is_withheld),
            count(distinct player_id) filter (where is_withheld)
        from impressions where at >= $1 and at < $2""",
        since, until,
    )  # fmt: skip
    bought = await connection.fetchrow(
        """select count(distinct player_id) filter (where not is_withheld),
            coalesce(sum(amount) filter (where not is_withheld), 0)
        from purchases as p where credited_at >= $1 and credited_at < $2 and refunded_at is null and exists (
            select from impressions as i where i.player_id = p.player_id and i.at >= $1 and i.at <= p.credited_at)""",
        since, until,
    )  # fmt: skip
    assert row is not None
    assert bought is not None
    names = ("impressions", "clicks", "dismissals", "conversions", "players", "held_out", "buyers", "stars")
    return dict(zip(names, (*row, *bought), strict=True))


def _told(board: OffersDashboard) -> dict[str, Any]:
    figures = {name: getattr(board, name) for name in ("impressions", "clicks", "dismissals", "conversions", "players")}
    return figures | {
        "held_out": board.holdout.players, "buyers": board.offered.buyers, "stars": board.offered.stars,
    }  # fmt: skip


async def test_it_is_exact_over_any_window(connection: Connection) -> None:
    dice = random.Random(11)
    windows = [(END - timedelta(hours=24), END), (WEDNESDAY.replace(minute=0), WEDNESDAY.replace(hour=23))]
    for _ in range(60):
        since = END - timedelta(seconds=dice.uniform(0, 20 * 86_400))
        windows.append((since, since + timedelta(hours=dice.choice((1, 1, 2, 5, 24, 100, 168)))))
    buyers = 0
    for since, until in windows:
        board = (await read_window(connection, since, until)).dashboard()
        counted = await _counted(connection, since, until)
        assert _told(board) == counted, (since, until)
        buyers += counted["buyers"]
        assert sum(one.impressions for one in board.triggers) == board.impressions
    assert buyers


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_it_reads_by_index(connection: Connection, mode: str) -> None:
    await connection.execute(f"analyze; set plan_cache_mode = {mode}")
    since, first, last = END - timedelta(hours=7.5), END - timedelta(hours=7), END - timedelta(hours=1)
    arguments = (since, END, first, last, END - timedelta(hours=8))
    for name in ("counts_in_window", "players_in_window", "buyers_in_window"):
        wanted = {"counts_in_window": 4, "players_in_window": 5, "buyers_in_window": 2}[name]
        rows = await connection.fetch(f"explain {SQL[name]}", *arguments[:wanted])
        plan = "\n".join(row[0] for row in rows)
        assert "Seq Scan" not in plan, plan


async def test_turns_keep_the_figures_of_the_hours(stage: Stage) -> None:
    """What is added up as it happens is what the rows say."""
    for player in range(100, 140):
        stage.wait(minutes=7)
        if (made := await offered(stage, empty(player))) is None:
            continue
        for tap in (OfferTap.BUY, OfferTap.DISMISS)[player % 2 :]:
            await tapped(stage, made, tap)
    stage.wait(hours=24)
    for player in range(100, 120):
        await offered(stage, empty(player))
    async with stage.pool.acquire() as connection:
        for hours in (1, 2, 24, 30):
            since, until = stage.clock.now() - timedelta(hours=hours), stage.clock.now() + timedelta(seconds=1)
            counted = await _counted(connection, since, until)
            assert _told((await read_window(connection, since, until)).dashboard()) == counted


# -- intervals ----------------------------------------------------------------------------------


def test_intervals_are_the_textbooks() -> None:
    found = intervals.share(10, 100)
    assert (round(found.low or 0, 4), round(found.high or 0, 4)) == (0.0552, 0.1744)
    # Newcombe (1998), method 10, example (a): 56/70 and 48/80.
    lift = intervals.share_difference(Sample(70, 56), Sample(80, 48))
    assert (round(lift.low or 0, 4), round(lift.high or 0, 4)) == (0.0524, 0.3339)
    mean = intervals.mean(Sample(4, 2, stars=40, stars_squared=800))
    assert isclose(mean.value or 0, 10)
    assert isclose((mean.high or 0) - 10, 1.959964 * (400 / 3 / 4) ** 0.5, rel_tol=1e-6)
    assert intervals.share(0, 0).value is None
    assert intervals.mean_difference(Sample(1, 1, 15, 225), Sample(5)).value is None


# -- alarms -------------------------------------------------------------------------------------


def test_what_alarms() -> None:
    assert (is_dropped(50, 1), is_dropped(49, 0), is_dropped(100, 3)) == (True, False, False)
    assert (is_spam(50, 31, 50), is_spam(50, 30, 50), is_spam(49, 49, 1)) == (True, False, False)
    assert (is_spam(401, 0, 100), is_spam(400, 0, 100)) == (True, False)


async def test_an_alarm_is_raised_once_with_figures_and_cleared(stage: Stage) -> None:
    players = 0
    for player in range(PLAYER, PLAYER + 70):
        made = await offered(stage, empty(player))
        if made is not None:
            players += 1
            await tapped(stage, made, OfferTap.DISMISS)
    stage.said.clear()
    stage.wait(hours=1)
    for _ in range(2):
        await stage.run(judge.due())
    told = [one for one in stage.said if "offers_" in one.subject]
    assert [type(one) for one in told] == [OffersConversionDropDetected, OffersSpamAnomalyDetected]
    assert [(one.impressions, one.players, one.conversions, one.dismissals) for one in told] == [
        (players, players, 0, players)
    ] * 2
    stage.said.clear()
    stage.wait(hours=24)
    await stage.run(judge.due())
    assert {type(one) for one in stage.said} == {OffersConversionDropCleared, OffersSpamAnomalyCleared}


async def test_a_purchase_after_an_offer_counts_for_its_group(stage: Stage) -> None:
    made = await offered(stage, empty())
    assert made is not None
    stage.wait(minutes=10)
    from contracts.payments import Product

    await stage.take(credited(Product.ENERGY_10, stage.clock.now(), amount=10))
    async with stage.pool.acquire() as connection:
        after = stage.clock.now() + timedelta(seconds=1)
        group = (await read_window(connection, after - timedelta(hours=1), after)).dashboard().offered
        late = (await read_window(connection, WEDNESDAY + timedelta(minutes=1), after + timedelta(hours=1))).dashboard()
    assert (group.players, group.buyers, group.stars) == (1, 1, 10)
    assert (late.offered.players, late.offered.buyers) == (0, 0)
