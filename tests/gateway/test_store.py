"""The tables: chats saved and loaded whole, the log once per update, the pace shared."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.gateway.conftest import NOW, ROUND

from actors.history import answered
from devstack.databases import Database
from gateway import store
from gateway.domain.chat import Chat, Role
from gateway.domain.invoice import Invoice
from gateway.domain.log import UpdateRow

pytestmark = pytest.mark.services("gateway")


@pytest.fixture
async def pool(database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    async with asyncpg.create_pool(database.dsn("gateway"), min_size=1, max_size=4) as made:
        yield made


def line(update_id: int, **more: object) -> UpdateRow:
    given: dict[str, Any] = {
        "update_id": update_id, "player_id": 7, "chat_id": 7, "kind": "callback_query", "status": "handled",
        "received_at": NOW, **more,
    }  # fmt: skip
    return UpdateRow(**given)


async def test_chats_come_back_as_they_were_saved(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    chats = store.ChatStore()
    full = Chat(
        player_id=5, language="en", first_name="Ünï 🎉", username="u", role=Role.OPERATOR, blocked_at=NOW,
        tap_tokens=3.25, tapped_at=NOW, command_tokens=0.5, commanded_at=NOW, noticed_at=NOW, screen_message_id=2**40,
        screen_round=ROUND, album="13579",
    )  # fmt: skip
    blank = chats.blank(2**52)
    async with pool.acquire() as connection, connection.transaction():
        await chats.save(connection, [full, blank])
        assert await chats.load(connection, [5, 6, 2**52]) == {5: full, 2**52: blank}
        changed = msgspec.structs.replace(full, language="de", blocked_at=None, screen_round=None)
        await chats.save(connection, [changed])
        assert await chats.load(connection, [5]) == {5: changed}


async def test_an_album_is_remembered(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    chats = store.ChatStore()
    chat = Chat(player_id=5)
    async with pool.acquire() as connection, connection.transaction():
        await chats.save(connection, [chat])
        for album in ("1", "2", "x\x00" * 99):
            assert not chat.hear_album(album)
            await chats.save(connection, [chat])
            chat = (await chats.load(connection, [5]))[5]
            assert chat.hear_album(album)
        assert not chat.hear_album("")


async def test_invoices_come_back_as_they_were_saved(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    invoices = store.InvoiceStore()
    sent, blank = (
        Invoice(purchase_id=ROUND, message_id=2**40, sent_at=NOW, thread_id=2**40),
        invoices.blank(UUID(int=1)),
    )
    async with pool.acquire() as connection, connection.transaction():
        await invoices.save(connection, [sent, blank])
        assert await invoices.load(connection, [ROUND, UUID(int=1), UUID(int=2)]) == {ROUND: sent, UUID(int=1): blank}
        moved = msgspec.structs.replace(sent, message_id=7, thread_id=0)
        await invoices.save(connection, [moved])
        assert await invoices.load(connection, [ROUND]) == {ROUND: moved}


async def test_an_update_has_one_line_however_often_it_is_written(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    log = store.UpdateLog()
    async with pool.acquire() as connection:
        await log.append(connection, [line(1, command="tap:a", handler_ms=1.5), line(2)])
        await log.append(connection, [line(1, status="forged")])
        rows = await connection.fetch("select update_id, status, command from updates order by 1")
    assert [tuple(row) for row in rows] == [(1, "handled", "tap:a"), (2, "handled", "")]


async def test_updates_that_became_dead_letters_get_their_line(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    async with pool.acquire() as connection:
        await connection.execute(
            "insert into dead_letters (message_id, type_name, subject, headers, body, error, attempts, received_at)"
            " values ('tg:77', 'gateway.update', 's', '', $1, 'KeyError: boom', 5, $2),"
            "        ('other', 'gateway.update', 's', '', 'no json', 'x', 5, $2),"
            "        ('tg:78', 'gameplay.evt.game_started', 's', '', $1, 'x', 5, $2)",
            b'{"update_id": 77, "player_id": 9, "kind": "message", "update": {"text": "\xc3\xbc"}}',
            NOW,
        )
        for _ in range(2):
            await store.log_dead_updates(connection)
        rows = await connection.fetch("select update_id, player_id, kind, status, error from updates")
    assert [tuple(row) for row in rows] == [(77, 9, "message", "failed", "KeyError: boom")]


async def test_unanswered_taps_are_counted(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    async with pool.acquire() as connection:
        lines = [
            line(1),
            line(2, status="failed"),
            line(3, kind="message"),
            line(4, received_at=NOW - timedelta(hours=1)),
        ]
        await store.UpdateLog().append(connection, lines)
        for position, (kind, age) in enumerate([("AnswerTap", 60), ("AnswerTap", 1), ("ShowScreen", 60)]):
            await connection.execute(
                "insert into effects"
                " (priority, batch, position, bucket, lane, kind, body, envelope, created_at, due_at)"
                " values (0, 1, $1, 0, 'l', $2, '', '', $3, $3)",
                position, kind, NOW - timedelta(seconds=age),
            )  # fmt: skip
        counted = await store.count_taps(connection, NOW - timedelta(minutes=5), NOW - timedelta(seconds=10))
    assert counted == (2, 2)


async def test_taps_whose_event_was_heard_are_known(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    heard = ["tg:1", "tg:1/1", "tg:2/1/1", "tg:3/2/3", "tg:30/1/1", "tg:5/1/5", "tg:6/4/1", "tg:7/12/250"]
    await pool.execute("insert into inbox (id, handled_at) select id, now() from unnest($1::text[]) as t (id)", heard)
    assert await answered(pool, ["tg:1", "tg:2", "tg:3", "tg:4"]) == {"tg:2", "tg:3"}
    assert await answered(pool, ["tg:5", "tg:6", "tg:7"]) == {"tg:5", "tg:6", "tg:7"}


async def test_pushes_of_all_replicas_share_one_pace(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    slow, quick = store.PushPace(pool, per_second=0.01), store.PushPace(pool, per_second=1000)
    taken = await asyncio.gather(*(slow.take() for _ in range(10)))
    assert sum(taken) == 1
    assert await quick.take() is False
    assert quick.interval_seconds == pytest.approx(0.001)


async def test_one_replica_polls_until_its_connection_ends(database: Database) -> None:
    first, second = [await asyncpg.connect(database.dsn("gateway")) for _ in range(2)]
    assert await store.try_poll_lock(first)
    assert not await store.try_poll_lock(second)
    await first.close()
    deadline = asyncio.get_running_loop().time() + 5
    while not await store.try_poll_lock(second):
        assert asyncio.get_running_loop().time() < deadline
    await second.close()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(name="a\x00b")
@given(name=st.text(max_size=30).filter(lambda text: text.isprintable() or "\x00" in text))
async def test_any_name_can_be_stored(name: str, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    chat = Chat(player_id=1)
    chat.meet("de", name, name)
    async with pool.acquire() as connection:
        await store.ChatStore().save(connection, [chat])
        assert (await store.ChatStore().load(connection, [1]))[1].first_name == chat.first_name
