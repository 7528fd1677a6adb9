"""Reference rates (DOMAIN §5) as a job: fetched once a day; while the source is down the last known ones are kept."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

import asyncpg
import pytest
from aiohttp import ClientSession, web
from structlog.testing import capture_logs

from actors.clock import ManualClock
from actors.engine.delivery import Delivery
from actors.engine.running_job import RunningJob
from actors.engine.turns import Turns
from actors.jobs import Job
from contracts.payments import Currency
from payments.app import SPEC
from payments.domain.catalogue import Catalogue
from payments.domain.rates import RecordRates, ReferenceRate
from payments.handlers.rates import fetch_rates
from payments.providers.rates_source import RatesSource
from payments.store.catalogue import read_catalogue

pytestmark = pytest.mark.services("payments")

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)
TOMORROW = TODAY + timedelta(days=1)
YESTERDAY = TODAY - timedelta(days=1)
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


class Source:
    """A source of rates that answers as the test wants it to."""

    def __init__(self) -> None:
        self.day = TODAY
        self.usd = "1.0842"
        self.is_down = False
        self.asked = 0
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.is_down:
            return web.Response(status=503)
        cubes = f"<Cube currency='USD' rate='{self.usd}'/><Cube currency='GBP' rate='0.8412'/>"
        return web.Response(text=f"<Envelope><Cube><Cube time='{self.day}'>{cubes}</Cube></Cube></Envelope>")


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    made = Source()
    app = web.Application()
    app.router.add_get("/rates", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/rates"
    yield made
    await runner.cleanup()


class Hour:
    """The hourly job with the turns that it leads to, without NATS."""

    def __init__(self, pool: Pool, session: ClientSession, url: str) -> None:
        self.clock = ManualClock(NOON)
        self._pool = pool
        self._source = RatesSource(session, url)
        self._turns = Turns(SPEC.actor, pool=pool, clock=self.clock, resources=dict.fromkeys(SPEC.actor.resources()))

    def job(self) -> Job:
        return RunningJob(
            service="payments",
            clock=self.clock,
            acquire=self._pool.acquire,
            take=self._take,
            resources={RatesSource: self._source},
        )

    async def run(self) -> list[tuple[str, str, str]]:
        """Run the job; returns what it wrote to the log."""
        with capture_logs() as lines:
            await SPEC.actor.jobs[fetch_rates.kind](fetch_rates.due(), self.job())
        return [(line["log_level"], line["event"], line["reason"]) for line in lines]

    async def catalogue(self) -> Catalogue:
        async with self._pool.acquire() as connection:
            return await read_catalogue(connection)

    async def dollars(self) -> tuple[date, str]:
        """The newest dollar's day and rate."""
        rate = (await self.catalogue()).rate(Currency.USD)
        assert rate is not None
        return rate.day, rate.written()

    async def _take(self, deliveries: Sequence[Delivery]) -> None:
        taken = await self._turns.take(deliveries)
        assert not taken.failed


@pytest.fixture
async def hour(pool: Pool, source: Source) -> AsyncIterator[Hour]:
    async with ClientSession() as session:
        yield Hour(pool, session, source.url)


def kept(reason: str) -> Any:
    return [("warning", "reference_rates_kept", reason)]


async def test_today_s_rates_are_fetched_once(hour: Hour, source: Source):
    for _ in range(3):
        assert await hour.run() == []
        hour.clock.advance(hours=1)
    assert source.asked == 1
    assert set((await hour.catalogue()).rates) == {
        ReferenceRate(Currency.USD, TODAY, 1_084_200),
        ReferenceRate(Currency.GBP, TODAY, 841_200),
    }


async def test_until_the_source_has_today_s_the_newest_are_kept_and_it_is_asked_again(hour: Hour, source: Source):
    source.day = YESTERDAY
    await hour.run()
    assert await hour.dollars() == (YESTERDAY, "1.0842")
    source.day, source.usd = TODAY, "1.0900"
    await hour.run()
    assert await hour.dollars() == (TODAY, "1.09")


async def test_while_the_source_is_down_the_last_known_rates_are_kept(hour: Hour, source: Source):
    await hour.run()
    source.is_down = True
    hour.clock.advance(days=1)
    assert await hour.run() == kept("source_down")
    assert await hour.dollars() == (TODAY, "1.0842")
    source.is_down, source.day = False, TOMORROW
    assert await hour.run() == []
    assert await hour.dollars() == (TOMORROW, "1.0842")


async def test_an_answer_that_is_no_sheet_of_rates_changes_nothing(hour: Hour, source: Source):
    source.usd = "many"
    assert await hour.run() == kept("source_down")
    assert (await hour.catalogue()).rates == ()


async def test_rates_of_a_day_to_come_are_not_believed(hour: Hour, source: Source):
    source.day = TOMORROW + timedelta(days=1)
    assert await hour.run() == kept("not_believable")
    assert (await hour.catalogue()).rates == ()


async def test_a_new_day_in_berlin_asks_for_new_rates(hour: Hour, source: Source):
    await hour.run()
    hour.clock.set(datetime(2026, 3, 4, 22, 59, tzinfo=UTC))
    await hour.run()
    assert source.asked == 1
    hour.clock.set(datetime(2026, 3, 4, 23, 0, tzinfo=UTC))
    await hour.run()
    assert source.asked == 2


async def test_without_an_address_nobody_is_asked(pool: Pool, source: Source):
    async with ClientSession() as session:
        assert await Hour(pool, session, "").run() == []
    assert source.asked == 0


async def test_rates_heard_twice_are_one_row_each(hour: Hour, pool: Pool):
    heard = RecordRates(day=TODAY, rates=(ReferenceRate(Currency.USD, TODAY, 1_084_200),))
    await hour.job().take([heard, heard])
    assert await pool.fetchval("select count(*) from reference_rates") == 1
