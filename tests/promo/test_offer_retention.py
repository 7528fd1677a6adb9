"""What promo forgets (DOMAIN §12): by index, and so that no figure is wrong for it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from bench.offers_fill import fill
from offering import WEDNESDAY, credited, empty, offered, refunded, tapped
from redeeming_stage import Stage
from test_offer_outcomes import bought, figures, restated

from actors.endpoints import Endpoint, EndpointError
from actors.store import Connection
from contracts.payments import Product
from contracts.promo import DashboardQuery, OfferMade, OffersDashboardQuery, OfferTap
from devstack.databases import Database
from promo.handlers.figures import query_dashboard
from promo.handlers.offer_figures import query_offers_dashboard
from promo.handlers.retention import BOOKS_STORED, IMPRESSIONS_STORED, forget_old
from promo.store.offers import SQL

pytestmark = pytest.mark.services("promo")

TABLES = ("impressions", "purchases", "offer_hours", "offer_reach")


async def _left(stage: Stage) -> dict[str, int]:
    return {table: await stage.pool.fetchval(f"select count(*) from {table}") for table in TABLES}


async def _made(stage: Stage) -> OfferMade:
    made = await offered(stage, empty())
    assert made is not None
    return made


async def test_impressions_go_after_90_days_and_what_was_bought_after_400(stage: Stage) -> None:
    made = await _made(stage)
    await stage.take(bought(made))
    stage.wait(days=90)
    await stage.run(forget_old.due())
    assert await _left(stage) == {"impressions": 1, "purchases": 1, "offer_hours": 1, "offer_reach": 1}
    stage.wait(seconds=1)
    await stage.run(forget_old.due())
    assert await _left(stage) == {"impressions": 0, "purchases": 1, "offer_hours": 1, "offer_reach": 1}
    stage.wait(days=311)
    await stage.run(forget_old.due())
    assert set((await _left(stage)).values()) == {0}


async def test_what_is_tapped_bought_and_refunded_later_changes_no_figure(stage: Stage) -> None:
    """An old button still buys; its purchase is an offer's no more, and nothing is counted below or above what was."""
    made, other = await _made(stage), credited(Product.ENERGY_10, WEDNESDAY)
    one = bought(made)
    await stage.take(one, other)
    before = await figures(stage)
    stage.wait(days=91)
    await stage.run(forget_old.due())
    await tapped(stage, made, OfferTap.BUY)
    await tapped(stage, made, OfferTap.MUTE)
    late = credited(Product.MEGA_PACK_15, stage.clock.now(), 990, surface=one.surface)
    await stage.take(late, refunded(one, stage.clock.now()))
    assert await figures(stage) == before
    stage.wait(days=320)
    await stage.run(forget_old.due())
    await stage.take(restated(one), restated(other))
    await stage.run(forget_old.due())
    assert await _left(stage) == {"impressions": 0, "purchases": 1, "offer_hours": 0, "offer_reach": 0}


async def test_a_refund_of_which_the_credit_was_never_heard_goes_too(stage: Stage) -> None:
    await stage.take(refunded(credited(Product.ENERGY_10, WEDNESDAY), WEDNESDAY))
    stage.wait(days=401)
    await stage.run(forget_old.due())
    assert (await _left(stage))["purchases"] == 0


async def test_the_inbox_is_forgotten_after_30_days(stage: Stage) -> None:
    await stage.take(empty())
    stage.wait(days=30, seconds=1)
    await stage.run(forget_old.due())
    assert await stage.pool.fetchval("select count(*) from inbox") == 0


def test_purchases_are_kept_longer_than_impressions() -> None:
    """Or one that is told again after it was deleted converts its impression twice."""
    assert BOOKS_STORED > IMPRESSIONS_STORED > timedelta(hours=168)


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    """A connection as the schema's owner; 20 days of offers are there."""
    made = await asyncpg.connect(database.owner_dsn("promo"))
    await fill(made, 30_000, players=6_000, until=WEDNESDAY, days=20)
    await made.execute("insert into purchases select gen_random_uuid(), n, 'ENERGY_10', 10, 'XTR', $1::timestamptz "
                       "+ n * interval '1 minute', null, null, null, false from generate_series(1, 20000) as n",
                       WEDNESDAY)  # fmt: skip
    await made.execute("analyze")
    yield made
    await made.close()


@pytest.mark.parametrize("table", TABLES)
async def test_what_is_old_is_found_by_index(connection: Connection, table: str) -> None:
    delete = SQL[
        {"offer_hours": "delete_old_hours", "offer_reach": "delete_old_reach"}.get(table, f"delete_old_{table}")
    ]
    find = delete.partition("in (")[2].rpartition(")")[0]
    oldest = WEDNESDAY - timedelta(days=19, hours=22)
    await connection.execute("set enable_seqscan = off" if table == "offer_hours" else "select 1")  # a page or two
    plan = "\n".join(line[0] for line in await connection.fetch(f"explain {find}", oldest, 5_000))
    assert "Seq Scan" not in plan, plan
    assert await connection.execute(delete, oldest, 5_000) != "DELETE 0"


# -- what operators ask for ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "hours"),
    [
        (datetime.min.replace(tzinfo=UTC), 168),
        (WEDNESDAY - timedelta(days=90), 1),
        (WEDNESDAY - timedelta(days=83, seconds=1), 168),
    ],
)
async def test_a_window_of_which_nothing_is_kept_is_refused(stage: Stage, until: datetime, hours: int) -> None:
    endpoint = Endpoint(clock=stage.clock, acquire=stage.pool.acquire, resources={})
    with pytest.raises(EndpointError, match=r"until: what is counted is kept since 2025-12-04 11:00 UTC"):
        await query_offers_dashboard(OffersDashboardQuery(hours=hours, until=until), endpoint)


async def test_the_end_of_time_is_now_and_its_beginning_is_refused(stage: Stage) -> None:
    endpoint = Endpoint(clock=stage.clock, acquire=stage.pool.acquire, resources={})
    never = datetime.max.replace(tzinfo=UTC)
    assert (await query_offers_dashboard(OffersDashboardQuery(hours=168, until=never), endpoint)).until == WEDNESDAY
    oldest = WEDNESDAY - timedelta(days=83)
    assert (await query_offers_dashboard(OffersDashboardQuery(hours=168, until=oldest), endpoint)).until == oldest
    with pytest.raises(EndpointError, match="until: "):
        await query_dashboard(DashboardQuery(hours=168, until=datetime.min.replace(tzinfo=UTC)), endpoint)
