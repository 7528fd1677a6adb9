"""Offers where clocks are odd (DOMAIN §8): the year's turn, Berlin days of 23 and 25 hours, replicas that differ."""

from datetime import UTC, date, datetime, timedelta
from itertools import count, pairwise

import msgspec
import pytest
from offering import HELD_OUT, PLAYER, credited, empty, moment, offered, played
from redeeming_stage import Stage

from actors.endpoints import Endpoint
from contracts.berlin import day_of
from contracts.payments import Product
from contracts.promo import OffersDashboard, OffersDashboardQuery, OfferSurface
from promo.domain.impression import is_held_out
from promo.handlers.offer_figures import query_offers_dashboard

pytestmark = pytest.mark.services("promo")

NEW_YEAR = datetime(2025, 12, 31, 23, 0, tzinfo=UTC)
"""Midnight in Berlin."""
HOUR = timedelta(hours=1)


def _of_both_groups(first: bool, then: bool) -> int:
    """Return somebody who is held out in 2025, or is not, and in 2026, or is not."""
    wanted = (first, then)
    return next(one for one in count(7) if wanted == (is_held_out(one, NEW_YEAR - HOUR), is_held_out(one, NEW_YEAR)))


async def _board(stage: Stage, hours: int) -> OffersDashboard:
    stage.wait(seconds=1)  # the end of a window is not in it
    endpoint = Endpoint(clock=stage.clock, acquire=stage.pool.acquire, resources={})
    return await query_offers_dashboard(OffersDashboardQuery(hours=hours), endpoint)


@pytest.mark.parametrize("was_held_out", [False, True])
async def test_who_changes_the_group_with_the_year_counts_once_in_each(stage: Stage, was_held_out: bool) -> None:
    """Else a group has more buyers than players, and the dashboard and its alarms fail all week."""
    player = _of_both_groups(was_held_out, not was_held_out)
    stage.clock.set(NEW_YEAR - HOUR)
    seen = [await offered(stage, empty(player)) is not None]
    stage.wait(hours=8)
    seen.append(await offered(stage, moment(player, surface=OfferSurface.LOCKED)) is not None)
    assert seen == [not was_held_out, was_held_out]
    stage.wait(minutes=5)
    await stage.take(credited(Product.ENERGY_10, stage.clock.now(), player_id=player, amount=10))
    board = await _board(stage, 24)
    groups = [(one.players, one.buyers, one.stars) for one in (board.offered, board.holdout)]
    assert groups == ([(1, 1, 10), (1, 0, 0)] if was_held_out else [(1, 0, 0), (1, 1, 10)])
    assert (board.players, board.impressions) == (1, 1)
    week = await _board(stage, 168)
    assert (week.offered, week.holdout) == (board.offered, board.holdout)


async def test_an_impression_and_its_group_are_of_one_instant(stage: Stage) -> None:
    """A replica whose clock is behind comes after one that has the new year already."""
    player = _of_both_groups(True, False)
    stage.clock.set(NEW_YEAR + timedelta(seconds=1))
    assert await offered(stage, empty(player)) is not None
    stage.clock.set(NEW_YEAR - timedelta(seconds=1))
    assert await offered(stage, moment(player, energy=2)) is not None
    rows = await stage.pool.fetch(
        "select at, is_withheld, previous_at from impressions order by previous_at nulls first"
    )
    assert [tuple(row) for row in rows] == [
        (NEW_YEAR + timedelta(seconds=1), False, None),
        (NEW_YEAR + timedelta(seconds=1), False, NEW_YEAR + timedelta(seconds=1)),
    ]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 3, 4), 24)])
async def test_three_a_berlin_day_however_long_it_is(stage: Stage, day: date, hours: int) -> None:
    """Whoever looks every twenty minutes for three days sees three on each, and the caps of hours are hours."""
    begin = day_of(datetime(day.year, day.month, day.day, 12, tzinfo=UTC)).begins
    assert day_of(begin).ends - begin == timedelta(hours=hours)
    player = next(one for one in count(PLAYER) if not is_held_out(one, begin))
    stage.clock.set(begin - timedelta(hours=24))
    surfaces = [empty, moment]
    for number in range(3 * 72):
        asked = surfaces[number % 2](
            player, energy=2 * (number % 2), streak_days=31, surface=list(OfferSurface)[number % 3]
        )
        await offered(stage, asked)
        stage.wait(minutes=20)
    rows = await stage.pool.fetch("select at, is_blocking, trigger from impressions order by at")
    per_day = [sum(day_of(row[0]).local == day + timedelta(days=n) for row in rows) for n in (-1, 0, 1)]
    assert per_day == [3, 3, 3]
    blocking = [row[0] for row in rows if row[1]]
    assert all(after - before >= timedelta(hours=6) for before, after in pairwise(blocking))
    for name in {row[2] for row in rows}:
        same = [row[0] for row in rows if row[2] == name]
        assert all(after - before >= timedelta(hours=24) for before, after in pairwise(same))


async def test_the_holdout_promises_nothing(stage: Stage) -> None:
    """An offer with a discount is written down and nothing else: no redemption, no word to payments."""
    await stage.take(msgspec.structs.replace(played(stage.clock.now(), 4), player_id=HELD_OUT))
    assert await offered(stage, moment(HELD_OUT)) is None
    assert [type(one).__name__ for one in stage.said] == []
    counts = "select (select count(*) from impressions where percent > 0), (select count(*) from redemptions)"
    assert tuple((await stage.pool.fetch(counts))[0]) == (1, 0)
