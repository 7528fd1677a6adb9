"""A hearer that comes late: the owner tells its current state again, resumable, paced, once, and to it alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from library import (
    LATE,
    LIBRARY,
    BookChanged,
    BookRestated,
    PutBook,
    library,
)
from town import Town

from actors.clock import SystemClock
from actors.deploying.provision import provision
from actors.engine.publisher import Publisher, UnknownOutcomeError
from actors.engine.restater import Restater
from contracts.message import Contract


def restater(town: Town, pool: Any, publisher: Any) -> Restater:
    return Restater("library", library.restatables, pool=pool, publisher=publisher, clock=SystemClock())


@pytest.fixture
async def pool(town: Town) -> AsyncIterator[Any]:
    async with asyncpg.create_pool(town.database.dsn("library"), min_size=1, max_size=2) as made:
        yield made


@pytest.fixture
async def publisher(town: Town) -> Publisher:
    made = Publisher(town.nc, timeout_seconds=2)
    await made.start()
    return made


# -- the whole way ------------------------------------------------------------------------------


async def test_a_hearer_that_begins_late_ends_with_the_exact_state_while_it_changes(town: Town) -> None:
    await town.fill(120)
    stop = await town.start(LIBRARY)
    # What is older than the stream keeps is gone; then somebody comes.
    await town.send(PutBook(title="b0001", copies=77))
    await town.until(lambda: _revision(town, "b0001", 4))
    await town.js.purge_stream("LIBRARY_EVT")
    await provision(town.nc, [LATE])
    await town.start(LATE)
    begun = await town.begin(rows_per_second=60)
    assert await town.begin(rows_per_second=60) == begun
    for number in range(40):
        await town.send(PutBook(title=f"b{number * 3 + 1:04}", copies=1000 + number))
        await town.send(PutBook(title=f"new{number}", copies=number))
        if number == 20:
            await town.until(lambda: _told(town, 1))
            await stop()
            await town.start(LIBRARY)
    await town.until(town.done)
    await town.until(town.same)
    assert len(await town.books("late")) == 160
    # Each row has had one effect, though the library was stopped on the way.
    assert set((await town.heard("restated")).values()) == {1}
    listed = await town.ask("list")
    assert listed["can_restate"] == ["books"]
    (one,) = listed["restatements"]
    assert (one["id"], one["state"], one["skipped"], one["operator"]) == (begun["id"], "done", 0, "mira")
    assert one["told"] >= 120
    assert one["total"] >= 120
    audited = await (await town.at("library")).fetch("select operator, subject from audit order by id")
    assert [tuple(row) for row in audited] == [("mira", f"admin.library.restate.{verb}") for verb in ("start", "list")]


async def test_in_whatever_order_restated_and_live_events_come_the_highest_revision_stays(town: Town) -> None:
    await provision(town.nc, [LATE])
    await town.start(LATE)
    events: list[Contract] = [BookChanged(title="a", copies=n, revision=n) for n in (2, 4, 5)]
    as_of = datetime.now(UTC)
    events += [BookRestated(hearer="late", title="a", copies=n, revision=n, as_of=as_of) for n in (3, 5, 4)]
    for event in (events[2], events[4], events[0], events[5], events[1], events[3]):
        await town.send(event)
    await town.until(lambda: _all_heard(town, 6))
    assert await town.books("late") == [("a", 5, 5)]


# -- crashes ------------------------------------------------------------------------------------


class KilledError(BaseException):
    """The process is no more."""


class Dying(Publisher):
    """Publishes, and then the process is no more."""

    error: type[BaseException] = KilledError

    async def publish(self, messages: Any) -> Any:
        await super().publish(messages)
        raise self.error


async def test_a_crash_after_a_page_was_published_has_no_second_effect(
    town: Town, pool: Any, publisher: Publisher
) -> None:
    await town.fill(30)
    await provision(town.nc, [LATE])
    await town.start(LATE)
    await _begin(town, rows_per_second=10)
    dying = Dying(town.nc)
    await dying.start()
    with pytest.raises(KilledError):
        await restater(town, pool, dying).step()
    await town.until(lambda: _all_heard(town, 10))
    # Nobody else takes it while the dead one's claim lasts; then a page is told again, under the same ids.
    assert not await restater(town, pool, publisher).step()
    # A dedup window later, so that JetStream remembers nothing.
    await town.js.purge_stream("LIBRARY_EVT")
    while not await town.done():
        await _make_due(town)
        assert await restater(town, pool, publisher).step()
    await town.until(town.same)
    assert await town.heard("restated") == {f"b{n:04}": 1 for n in range(1, 31)}


async def test_one_that_is_told_to_stop_lets_another_go_on_at_once(town: Town, pool: Any, publisher: Publisher) -> None:
    await town.fill(30)
    await _begin(town, rows_per_second=10)
    stopping = Dying(town.nc)
    stopping.error = asyncio.CancelledError
    await stopping.start()
    with pytest.raises(asyncio.CancelledError):
        await restater(town, pool, stopping).step()
    assert (await town.row())["cursor"] is None
    assert await restater(town, pool, publisher).step()
    assert (await town.row())["told"] == 10


async def test_what_cannot_be_published_is_told_later(town: Town, pool: Any, publisher: Publisher) -> None:
    class Away(Publisher):
        async def publish(self, messages: Any) -> Any:
            return [None, *[UnknownOutcomeError("no acknowledgement")] * (len(messages) - 1)]

    await town.fill(5)
    await _begin(town)
    assert await restater(town, pool, Away(town.nc)).step()
    row = await town.row()
    assert (row["told"], row["cursor"], row["state"]) == (0, None, "running")
    assert "no acknowledgement" in row["error"]
    assert not await restater(town, pool, publisher).step()
    await _make_due(town)
    assert await restater(town, pool, publisher).step()
    row = await town.row()
    assert (row["told"], row["state"], row["error"]) == (5, "done", "")


async def test_one_that_took_another_for_dead_does_not_move_its_cursor_back(
    town: Town, pool: Any, publisher: Publisher
) -> None:
    await town.fill(30)
    await _begin(town, rows_per_second=10)

    class Slow(Publisher):
        async def publish(self, messages: Any) -> Any:
            for _ in range(2):
                await _make_due(town)
                await restater(town, pool, publisher).step()
            return [None] * len(messages)

    await restater(town, pool, Slow(town.nc)).step()
    row = await town.row()
    assert (row["cursor"], row["told"]) == ("b0020", 20)


async def test_two_replicas_do_not_tell_one_page_at_once(town: Town, pool: Any, publisher: Publisher) -> None:
    await town.fill(30)
    await _begin(town, rows_per_second=10)
    steps = await asyncio.gather(*(restater(town, pool, publisher).step() for _ in range(4)))
    assert sorted(steps) == [False, False, False, True]
    assert (await town.row())["told"] == 10


# -- pace, progress, and what goes wrong --------------------------------------------------------


async def test_rows_are_told_at_their_pace(town: Town, pool: Any, publisher: Publisher) -> None:
    await town.fill(30)
    await _begin(town, rows_per_second=20)
    one = restater(town, pool, publisher)
    began = datetime.now(UTC)
    assert await one.step()
    row = await town.row()
    assert (row["told"], row["total"]) == (20, 30)
    assert (row["due_at"] - began).total_seconds() >= 1
    assert not await one.step()
    await _make_due(town)
    assert await one.step()
    assert ((await town.row())["told"], await town.done()) == (30, True)


async def test_a_row_that_makes_no_event_is_counted_and_does_not_keep_the_others_back(
    town: Town, pool: Any, publisher: Publisher
) -> None:
    await town.fill(5)
    await (await town.at("library")).execute("update books set copies = 666 where title = 'b0002'")
    await _begin(town)
    await restater(town, pool, publisher).step()
    row = await town.row()
    assert (row["told"], row["skipped"], row["state"]) == (4, 1, "done")
    assert "b0002" in row["error"]
    assert "a bug" in row["error"]


async def test_what_this_build_does_not_know_waits_for_one_that_does(
    town: Town, pool: Any, publisher: Publisher
) -> None:
    await town.fill(5)
    await _begin(town)
    older = Restater("library", {}, pool=pool, publisher=publisher, clock=SystemClock())
    assert not await older.step()
    assert await restater(town, pool, publisher).step()
    assert await town.done()


async def _begin(town: Town, rows_per_second: int = 200) -> None:
    sql = """insert into restatements (id, request_id, hearer, what, operator, rows_per_second, started_at, due_at)
             values ($1, 'r-1', 'late', 'books', 'mira', $2, now(), now())"""
    await (await town.at("library")).execute(sql, UUID(int=1), rows_per_second)


async def _make_due(town: Town) -> None:
    await (await town.at("library")).execute("update restatements set due_at = now() - interval '1 second'")


async def _revision(town: Town, title: str, revision: int) -> bool:
    return (title, revision) in [(row[0], row[2]) for row in await town.books("library")]


async def _told(town: Town, rows: int) -> bool:
    return (await town.row())["told"] >= rows


async def _all_heard(town: Town, messages: int) -> bool:
    return await (await town.at("late")).fetchval("select count(*) from heard") == messages
