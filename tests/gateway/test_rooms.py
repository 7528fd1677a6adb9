"""Groups and channels that speak in their own name, and groups that become supergroups."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
import pytest
from tests.gateway.conftest import NOW, PLAYER, ROUND, Desk, FakeApi, Homes, person
from tests.gateway.sender_stage import attempt, failed, screen
from tests.gateway.test_groups import GROUP
from tests.gateway.test_updates import row, screens

from actors.effects import Again, Done
from actors.testing import Decision, decide
from contracts.gateway import MeetRoom, MoveRoom, TelegramUpdate
from devstack.databases import Database
from gateway.domain.chat import Chat
from gateway.domain.effects import ShowScreen
from gateway.domain.room import Room
from gateway.handlers import actor
from gateway.ingress.addressing import read_address
from gateway.store import ChatStore, MovedRooms, RoomStore
from gateway.telegram.sender import Sender

SUPERGROUP = -1001234567890
CHANNEL = -1007
TOPIC = 77
CLASS = {"id": GROUP, "type": "supergroup", "title": "Klasse"}
POSTS = {"id": CHANNEL, "type": "channel", "title": "Deutsch"}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL_BOT = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
TELEGRAM = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
ADMIN = {"chat": CLASS, "from": ANONYMOUS, "sender_chat": CLASS, "text": "/play"}
GUEST = {"chat": CLASS, "from": CHANNEL_BOT, "sender_chat": POSTS, "text": "/play"}
POST = {"chat": POSTS, "sender_chat": POSTS, "text": "/play"}
FORWARDED = {"chat": CLASS, "from": TELEGRAM, "sender_chat": POSTS, "is_automatic_forward": True, "text": "/play"}


async def hear(desk: Desk, body: dict[str, Any], kind: str = "message") -> Decision:
    """An update as the door addresses it."""
    raw = msgspec.json.encode({"update_id": 1, kind: {"message_id": 1, "date": 1, **body}})
    seen = read_address(raw)
    desk.chat = Chat(player_id=seen.player_id)
    return await desk.hear(
        TelegramUpdate(
            update_id=1, player_id=seen.player_id, kind=seen.kind, update=msgspec.Raw(raw), received_at=desk.now
        )
    )


async def told(desk: Desk, room: Room, decision: Decision) -> list[ShowScreen]:
    """What the room is shown for what it asked."""
    meet = decision.only(MeetRoom)
    return screens(await decide(actor, meet, room, desk.services, now=desk.now))


# -- who speaks there ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind", "chat_id"),
    [(ADMIN, "message", GROUP), (GUEST, "message", GROUP), (POST, "channel_post", CHANNEL)],
    ids=["an anonymous admin", "a channel in a group", "a channel's post"],
)
async def test_who_speaks_in_a_chats_name_is_told_once_to_write_in_private(
    desk: Desk, body: dict[str, Any], kind: str, chat_id: int
) -> None:
    asked = await hear(desk, body, kind)
    assert (asked.emitted, asked.effects) == ([MeetRoom(chat_id=chat_id)], [])
    assert desk.chat == Chat(player_id=chat_id), "it has no name, no language, and pays no token"
    line = row(asked)
    assert (line.player_id, line.chat_id, line.status, line.command) == (0, chat_id, "handled", "room")
    room = Room(chat_id=chat_id)
    (shown,) = await told(desk, room, asked)
    assert (shown.chat_id, shown.player_id, shown.round_id) == (chat_id, 0, None)
    assert "Schreib mir von deinem eigenen Konto" in shown.text
    assert shown.keyboard[0][0].url == "https://t.me/starquiz_bot?start=group"
    desk.now += timedelta(days=400)
    assert await told(desk, room, await hear(desk, body, kind)) == []


async def test_an_anonymous_admin_is_told_in_the_topic(desk: Desk) -> None:
    asked = await hear(desk, ADMIN | {"message_thread_id": TOPIC, "is_topic_message": True})
    (shown,) = await told(desk, Room(chat_id=GROUP), asked)
    assert shown.thread_id == TOPIC


@pytest.mark.parametrize("body", [ADMIN, GUEST, POST | {"from": ANONYMOUS}])
@pytest.mark.parametrize("text", ["Hallo zusammen", "/play@other_bot", "/weather", "/", ""])
async def test_what_is_not_for_us_is_let_be(desk: Desk, body: dict[str, Any], text: str) -> None:
    for kind in ("message", "channel_post"):
        decision = await hear(desk, body | {"text": text}, kind)
        assert (decision.emitted, decision.effects, row(decision).status) == ([], [], "ignored")
        assert desk.chat == Chat(player_id=desk.chat.player_id)


@pytest.mark.parametrize(
    "body",
    [FORWARDED, FORWARDED | {"is_automatic_forward": False, "sender_chat": None}, {"chat": CLASS, "from": TELEGRAM}],
)
@pytest.mark.parametrize("text", ["/play", "/play@starquiz_bot", "Neue Folge!"])
async def test_what_telegram_forwards_from_a_channel_makes_no_player(
    desk: Desk, body: dict[str, Any], text: str
) -> None:
    decision = await hear(desk, body | {"text": text})
    assert (decision.emitted, decision.effects, row(decision).status) == ([], [], "ignored")
    assert (desk.chat.player_id, desk.chat.first_name) == (GROUP, "")


@pytest.mark.parametrize("body", [FORWARDED, {"chat": CLASS, "from": TELEGRAM, "text": "/play"}])
async def test_what_an_older_door_took_for_a_users_makes_no_player_either(desk: Desk, body: dict[str, Any]) -> None:
    decision = await desk.update("message", {"message_id": 1, "date": 1, **body})
    assert (decision.emitted, decision.effects, desk.chat.first_name) == ([], [], "")


@pytest.mark.parametrize("text", ["/play@other_bot", "/play@other_bot jetzt", "/start@starquiz_botx"])
async def test_commands_for_other_bots_are_not_ours(desk: Desk, text: str) -> None:
    decision = await hear(desk, {"chat": CLASS, "from": person("de"), "text": text})
    assert (decision.emitted, decision.effects) == ([], [])
    (shown,) = screens(await hear(desk, {"chat": CLASS, "from": person("de"), "text": "/play@StarQuiz_Bot"}))
    assert shown.chat_id == GROUP


@pytest.mark.parametrize(
    ("kind", "body", "whose"),
    [
        ("message", ADMIN, GROUP),
        ("message", GUEST, GROUP),
        ("message", FORWARDED, GROUP),
        ("message", {"chat": CLASS, "from": TELEGRAM, "text": "x"}, GROUP),
        ("channel_post", POST, CHANNEL),
        ("message_reaction_count", {"chat": CLASS}, GROUP),
        ("message", {"chat": CLASS, "from": person("de"), "migrate_to_chat_id": SUPERGROUP}, GROUP),
        ("message", {"chat": CLASS, "from": person("de"), "text": "/play"}, PLAYER),
        ("my_chat_member", {"chat": CLASS, "from": person("de")}, PLAYER),
        ("message", {"chat": {"id": PLAYER}, "from": person("de"), "sender_chat": {}}, PLAYER),
        ("message", {"chat": {"id": PLAYER}}, 0),
        (
            "message",
            {"chat": CLASS, "from": ANONYMOUS, "sender_chat": CLASS, "successful_payment": {}},
            ANONYMOUS["id"],
        ),
    ],
)
@pytest.mark.parametrize("odd", [{}, {"title": "\ud83d"}], ids=["as it is", "mended"])
def test_a_mailbox_is_a_players_or_a_chats(kind: str, body: dict[str, Any], whose: int, odd: dict[str, Any]) -> None:
    import json

    assert read_address(json.dumps({"update_id": 1, kind: body | odd}).encode()).player_id == whose


# -- a group becomes a supergroup ---------------------------------------------------------------


@pytest.mark.parametrize("sender_of_it", [person("de"), ANONYMOUS])
@pytest.mark.parametrize(
    "body",
    [
        {"chat": CLASS | {"type": "group"}, "migrate_to_chat_id": SUPERGROUP},
        {"chat": CLASS | {"id": SUPERGROUP}, "migrate_from_chat_id": GROUP},
    ],
    ids=["told in the group", "told in the supergroup"],
)
async def test_a_group_that_moved_is_noted(desk: Desk, body: dict[str, Any], sender_of_it: dict[str, Any]) -> None:
    decision = await hear(desk, body | {"from": sender_of_it})
    assert decision.emitted == [MoveRoom(chat_id=GROUP, moved_to=SUPERGROUP)]
    assert (decision.effects, row(decision).command, desk.chat.first_name) == ([], "moved", "")


@pytest.mark.parametrize("to", [0, 5, SUPERGROUP])
async def test_a_private_chat_does_not_move(desk: Desk, to: int) -> None:
    decision = await hear(desk, {"chat": {"id": PLAYER, "type": "private"}, "migrate_to_chat_id": to})
    assert decision.emitted == []


async def test_what_was_told_moves_with_the_group() -> None:
    move = MoveRoom(chat_id=GROUP, moved_to=SUPERGROUP)
    old, home = Room(chat_id=GROUP, told_at=NOW), Room(chat_id=SUPERGROUP)
    for _ in range(2):
        await decide(actor, move, old, home, now=NOW)
        assert (old.moved_to, home.told_at, home.moved_to) == (SUPERGROUP, NOW, 0)
    assert not home.tell(NOW)
    assert not Room(chat_id=GROUP, moved_to=SUPERGROUP).tell(NOW), "the supergroup is told, not the group it was"


async def test_a_message_for_a_group_that_moved_follows_it(sender: Sender, fake_api: FakeApi) -> None:
    refuse_moved(fake_api)
    result = await sender.show(screen(chat_id=GROUP, thread_id=TOPIC), attempt())
    assert isinstance(result, Done)
    assert result.messages == (MoveRoom(chat_id=GROUP, moved_to=SUPERGROUP),)
    assert [(name, body["chat_id"]) for name, body in fake_api.calls] == [
        ("sendMessage", GROUP), ("sendMessage", SUPERGROUP),
    ]  # fmt: skip
    assert "message_thread_id" not in fake_api.calls[1][1]


async def test_an_edit_in_a_group_that_moved_is_a_new_message_in_the_supergroup(
    sender: Sender, fake_api: FakeApi
) -> None:
    refuse_moved(fake_api, times=2)
    result = await sender.show(screen(chat_id=GROUP, message_id=50, round_id=ROUND), attempt())
    assert isinstance(result, Done)
    assert result.messages == (MoveRoom(chat_id=GROUP, moved_to=SUPERGROUP),)
    last = fake_api.calls[-1]
    assert (last[0], last[1]["chat_id"], last[1].get("message_id")) == ("sendMessage", SUPERGROUP, None)


async def test_a_known_move_costs_no_second_call(sender: Sender, homes: Homes, fake_api: FakeApi) -> None:
    homes.moved[GROUP] = SUPERGROUP
    for message_id in (0, 50):
        await sender.show(screen(chat_id=GROUP, message_id=message_id), attempt())
    assert [(name, body["chat_id"]) for name, body in fake_api.calls] == [("sendMessage", SUPERGROUP)] * 2
    assert isinstance(await sender.show(screen(chat_id=SUPERGROUP), attempt()), Done)
    assert isinstance(await sender.show(screen(chat_id=SUPERGROUP), attempt()), Again), "one chat, one pace"


async def test_a_supergroup_that_does_not_let_the_bot_in_ends_it(sender: Sender, fake_api: FakeApi) -> None:
    refuse_moved(fake_api)
    fake_api.reply(403, "Forbidden: bot is not a member of the supergroup chat")
    result = failed(await sender.show(screen(chat_id=GROUP), attempt()))
    assert (result.reason, result.messages, len(fake_api.calls)) == ("unreachable", (), 2)


async def test_a_chat_that_moves_on_and_on_is_not_followed_without_end(sender: Sender, fake_api: FakeApi) -> None:
    refuse_moved(fake_api, times=5)
    failed(await sender.show(screen(chat_id=GROUP), attempt()))
    assert len(fake_api.calls) == 2


def refuse_moved(fake_api: FakeApi, times: int = 1) -> None:
    for _ in range(times):
        fake_api.reply(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=SUPERGROUP)


# -- what is kept -------------------------------------------------------------------------------


@pytest.fixture
async def pool(database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    async with asyncpg.create_pool(database.dsn("gateway"), min_size=1, max_size=4) as made:
        yield made


async def kept(pool: "asyncpg.Pool[asyncpg.Record]", rooms: Sequence[Room]) -> None:
    async with pool.acquire() as connection:
        await RoomStore().save(connection, rooms)


@pytest.mark.services("gateway")
async def test_rooms_come_back_as_they_were_saved(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    room, blank = Room(chat_id=GROUP, told_at=NOW, moved_to=SUPERGROUP), RoomStore().blank(CHANNEL)
    await kept(pool, [room, blank])
    async with pool.acquire() as connection:
        assert await RoomStore().load(connection, [GROUP, CHANNEL, -5]) == {GROUP: room, CHANNEL: blank}


@pytest.mark.services("gateway")
async def test_a_move_is_known_to_every_process_and_after_every_start(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    before = MovedRooms(pool)
    assert await before.home(GROUP) == GROUP
    await kept(pool, [Room(chat_id=GROUP, moved_to=SUPERGROUP), Room(chat_id=SUPERGROUP)])
    for rooms in (before, MovedRooms(pool)):
        for _ in range(2):
            assert [await rooms.home(one) for one in (GROUP, SUPERGROUP, CHANNEL, PLAYER)] == [
                SUPERGROUP, SUPERGROUP, CHANNEL, PLAYER,
            ]  # fmt: skip


@pytest.mark.services("gateway")
async def test_what_no_player_did_leaves_no_player_behind(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    async with pool.acquire() as connection:
        await ChatStore().save(connection, [Chat(player_id=GROUP), Chat(player_id=0)])
        await ChatStore().save(connection, [Chat(player_id=PLAYER), Chat(player_id=CHANNEL)])
        assert [one[0] for one in await connection.fetch("select player_id from chats")] == [PLAYER]
