"""The dashboard (DOMAIN §7): exact over any window, whoever writes meanwhile, and cheap however much there is."""

import asyncio
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from bench.promo_fill import fill
from promo_words import ONE, credited, refunded, run_out
from redeeming_stage import NOON, Stage

from actors.endpoints import Endpoint
from contracts.promo import (
    CampaignScope,
    CampaignStatus,
    CampaignType,
    DashboardAnswer,
    DashboardQuery,
    DiscountReserved,
)
from devstack.databases import Database
from promo.handlers.figures import query_dashboard
from promo.store import comparison, figures, guarding, redeeming

pytestmark = pytest.mark.services("promo")

BIG = ("attempts", "redemptions", "codes", "redeemers")
WEEK = timedelta(hours=168)
_PLAYERS = "insert into redeemers select n, $2, false, '{}' from generate_series(1, $1::int) as n"


async def figures_of(stage: Stage, hours: int = 24, until: datetime | None = None) -> DashboardAnswer:
    endpoint = Endpoint(clock=stage.clock, acquire=stage.pool.acquire, resources={})
    return await query_dashboard(DashboardQuery(hours=hours, until=until), endpoint)


async def test_what_players_did_is_what_it_says(stage: Stage, tmp_path: Path) -> None:
    campaign = await stage.campaign(
        type=CampaignType.PERCENT_DISCOUNT, percent=20, premium_days=0, scope=CampaignScope.PREMIUM_ANY
    )
    await stage.codes(tmp_path, campaign, "SOMMER26")
    told = await stage.redeem_all([(player, "SOMMER26") for player in range(1, 6)])
    ids = {one.player_id: one.redemption_id for one in told if isinstance(one, DiscountReserved)}
    await stage.take(*(credited(ids[player]) for player in (1, 2)))
    await stage.take(refunded(ids[2]))
    stage.wait(minutes=17)
    await run_out(stage)
    await stage.take(credited(ids[3], ONE))
    await stage.redeem_all([(9, "SOMMER26"), (10, "WRONG"), (11, "WRONG")])
    stage.wait(seconds=1)
    answer = await figures_of(stage, hours=1)
    assert answer.by_result == {"accepted": 6, "invalid": 2}
    assert (answer.attempts, answer.acceptance) == (8, 0.75)
    discounts = answer.discounts
    assert (discounts.reserved, discounts.applied, discounts.applied_late) == (6, 1, 1)
    assert (discounts.expired, discounts.revoked, discounts.open) == (2, 1, 1)
    assert discounts.conversion == 3 / 5
    assert (answer.campaigns, answer.guard) == ({CampaignStatus.ACTIVE: 1}, ())


async def test_the_end_of_the_window_is_not_in_it_and_its_beginning_is(stage: Stage) -> None:
    await stage.redeem(7, "WRONG")
    hour = timedelta(hours=1)
    stage.wait(hours=3)
    assert (await figures_of(stage, 1, NOON)).attempts == 0
    assert (await figures_of(stage, 1, NOON + hour)).attempts == 1
    assert (await figures_of(stage, 1, NOON + hour + timedelta(microseconds=1))).attempts == 0
    assert (await figures_of(stage, 1, NOON + 9 * hour)).until == NOON + 3 * hour  # what is to come is not asked for


async def test_every_window_is_exact(stage: Stage) -> None:
    """Against a count of the rows themselves; states change meanwhile, and ends fall on buckets' borders too."""
    dice, until = random.Random(11), datetime(2026, 3, 11, 11, 4, 30, tzinfo=UTC)
    stage.clock.set(until)
    async with stage.pool.acquire() as connection:
        await fill(connection, 20_000, until)
        at = until - timedelta(hours=30)
        await connection.execute(
            "update redemptions set state = 'REVOKED' where state = 'APPLIED' and made_at < $1", at
        )
        rows = [(row[0], row[1]) for row in await connection.fetch("select at, result from attempts")]
        discounts = [(row[0], row[1]) for row in await connection.fetch("select made_at, state from redemptions")]
    for _ in range(60):
        hours = dice.choice((1, 2, 24, 167, 168))
        end = until - timedelta(seconds=dice.choice((0, 270, 600, dice.randrange(500_000))))
        answer = await figures_of(stage, hours, end)
        since = end - timedelta(hours=hours)
        assert answer.by_result == Counter(result for at, result in rows if since <= at < end)
        states = Counter(state for at, state in discounts if since <= at < end)
        assert answer.discounts.reserved == states.total()
        assert answer.discounts.revoked == states["REVOKED"]
        assert answer.discounts.applied == states["APPLIED"]


async def test_replicas_that_count_at_once_lose_none(stage: Stage) -> None:
    crowds = [[(player, "WRONG") for player in range(start, start + 10)] for start in range(1, 201, 10)]
    await asyncio.gather(*map(stage.redeem_all, crowds))
    stage.wait(seconds=1)
    assert (await figures_of(stage, 1)).by_result == {"invalid": 200}


async def test_codes_that_are_guessed_on_are_named(stage: Stage, tmp_path: Path) -> None:
    await stage.codes(tmp_path, await stage.campaign(new_players_only=True), "SOMMER26")
    async with stage.pool.acquire() as connection:
        await connection.execute(_PLAYERS, 9, NOON - WEEK)
    await stage.redeem_all([(player, "SOMMER26") for player in range(1, 10)])
    (found,) = (await figures_of(stage)).guard
    assert (found.campaign, found.failures, found.players, found.is_public) == ("spring", 9, 9, False)
    stage.wait(minutes=10)
    assert (await figures_of(stage)).guard == ()


@pytest.fixture
async def filled(stage: Stage, database: Database) -> Stage:
    async with stage.pool.acquire() as connection:
        await fill(connection, 60_000, NOON)
        await connection.execute(_PLAYERS, 20_000, NOON)
    owner = await asyncpg.connect(database.owner_dsn("promo"))
    await owner.execute("analyze")  # the service's own role may not
    await owner.close()
    return stage


_WINDOW = (NOON - WEEK, NOON - WEEK + timedelta(minutes=9), NOON - timedelta(minutes=9), NOON)
_IDS = [UUID(int=number) for number in range(50)]


@pytest.mark.parametrize(
    ("sql", "arguments"),
    [
        (figures.SQL["attempts_by_result"], _WINDOW),
        (figures.SQL["discounts_by_state"], _WINDOW),
        (figures.SQL["guard_candidates"], (NOON - timedelta(minutes=10), NOON, 20)),
        (guarding.SQL["guessed_campaigns"], (NOON - timedelta(minutes=10), 100, 3)),
        (guarding.SQL["failures_overall"], (NOON - timedelta(minutes=10), 20)),
        (redeeming.SQL["find_codes"], ([bytes(32)] * 2,)),
        (redeeming.SQL["load_codes"], (_IDS,)),
        (redeeming.SQL["load_redeemers"], ([1, 2, 3],)),
        (redeeming.SQL["standing_uses"], ([1, 2, 3],)),
        (redeeming.SQL["reservations_to_expire"], (NOON, NOON, None, 500)),
        (redeeming.SQL["redemptions_of_player"], (7, 100)),
        (redeeming.REDEMPTIONS.load_sql, (_IDS,)),
        (comparison.SQL["known_redemptions"], (_IDS,)),
    ],
)
async def test_no_query_reads_a_big_table_whole(filled: Stage, sql: str, arguments: tuple[object, ...]) -> None:
    async with filled.pool.acquire() as connection:
        plan = "\n".join(row[0] for row in await connection.fetch(f"explain {sql}", *arguments))
    assert not [table for table in BIG if f"Seq Scan on {table}" in plan], plan
