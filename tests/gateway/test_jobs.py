"""Jobs (DOMAIN §12) on real Postgres: retention of the update log, and the health of updates."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from tests.gateway.conftest import NOW

from actors.clock import ManualClock
from actors.engine.delivery import Delivery
from actors.engine.running_job import RunningJob
from actors.schedules import Due
from devstack.databases import Database
from gateway.domain.internal_commands import CheckHealth
from gateway.domain.invoice import Invoice
from gateway.domain.log import UpdateRow
from gateway.handlers import actor
from gateway.handlers.jobs import check_updates, forget_old_updates
from gateway.store import InvoiceStore, UpdateLog

pytestmark = pytest.mark.services("gateway")


class Watchman:
    """The gateway's jobs at a time of one's choosing."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self.pool = pool
        self.taken: list[object] = []

    async def run(self, due: Due) -> None:
        job = RunningJob(service="gateway", clock=ManualClock(NOW), acquire=self.pool.acquire, take=self._take)
        await actor.jobs[type(due)](due, job)

    async def _take(self, deliveries: Sequence[Delivery]) -> None:
        self.taken += [delivery.message for delivery in deliveries]

    async def log(self, *ages: timedelta, first: int = 1, status: str = "handled") -> None:
        rows = [
            UpdateRow(
                update_id=number, player_id=7, chat_id=7, kind="callback_query", status=status, received_at=NOW - age
            )
            for number, age in enumerate(ages, start=first)
        ]
        async with self.pool.acquire() as connection:
            await UpdateLog().append(connection, rows)


@pytest.fixture
async def watchman(database: Database) -> AsyncIterator[Watchman]:
    async with asyncpg.create_pool(database.dsn("gateway"), min_size=1, max_size=3) as pool:
        yield Watchman(pool)


async def test_the_log_is_kept_fourteen_days_and_the_inbox_thirty(watchman: Watchman) -> None:
    day = timedelta(days=1)
    await watchman.log(13 * day, 14 * day - timedelta(seconds=1), 14 * day + timedelta(seconds=1), 90 * day)
    await watchman.pool.execute(
        "insert into inbox (id, handled_at) values ('new', $1), ('old', $2)", NOW - 29 * day, NOW - 31 * day
    )
    for _ in range(2):
        await watchman.run(forget_old_updates.due())
    assert [row[0] for row in await watchman.pool.fetch("select update_id from updates order by 1")] == [1, 2]
    assert [row[0] for row in await watchman.pool.fetch("select id from inbox")] == ["new"]


async def test_invoices_are_kept_as_long_as_a_bot_can_take_them_back(watchman: Watchman) -> None:
    hour, kept, old = timedelta(hours=1), UUID(int=1), UUID(int=2)
    invoices = [
        Invoice(purchase_id=kept, message_id=5, sent_at=NOW - 47 * hour),
        Invoice(purchase_id=old, message_id=6, sent_at=NOW - 49 * hour),
    ]
    async with watchman.pool.acquire() as connection:
        await InvoiceStore().save(connection, invoices)
    await watchman.run(forget_old_updates.due())
    assert [row[0] for row in await watchman.pool.fetch("select purchase_id from invoices")] == [kept]


async def test_the_health_check_counts_this_side_and_logs_dead_updates(watchman: Watchman) -> None:
    minute = timedelta(minutes=1)
    await watchman.log(minute, 2 * minute, 6 * minute)
    await watchman.log(minute, first=10, status="failed")
    await watchman.pool.execute(
        "insert into dead_letters (message_id, type_name, subject, headers, body, error, attempts, received_at)"
        " values ('tg:77', 'gateway.update', 's', '', $1, 'boom', 5, $2)",
        b'{"update_id": 77, "player_id": 9, "kind": "callback_query"}',
        NOW - minute,
    )
    await watchman.run(check_updates.due())
    assert watchman.taken == [CheckHealth(bot="telegram", taps=4, unanswered=2)]
