"""A flood in a group's own name costs as little as can be, and who could not be told is told another time."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.gateway.conftest import NOW, PLAYER, Desk, FakeApi, Homes
from tests.gateway.sender_stage import attempt, failed, screen
from tests.gateway.test_groups import GROUP
from tests.gateway.test_rooms import ADMIN, CHANNEL, POST, SUPERGROUP
from tests.gateway.test_updates import row, screens

from actors.effects import Again
from actors.testing import Decision, decide
from contracts.gateway import MeetRoom, TelegramUpdate
from gateway.domain.chat import Chat
from gateway.domain.internal_commands import RecordUntold
from gateway.domain.room import MEETING_SECONDS, ROOMS_MAX, Room, RoomsMet
from gateway.handlers import actor
from gateway.telegram.sender import Sender


async def hear(desk: Desk, number: int, body: dict[str, Any], kind: str = "message") -> Decision:
    """One of a chat's own updates, under its own number."""
    raw = msgspec.Raw(msgspec.json.encode({"update_id": number, kind: {"message_id": number, "date": 1, **body}}))
    chat_id = body["chat"]["id"]
    update = TelegramUpdate(update_id=number, player_id=chat_id, kind=kind, update=raw, received_at=desk.now)
    return await decide(actor, update, Chat(player_id=chat_id), desk.services, now=desk.now, message_id=f"tg:{number}")


async def test_of_a_flood_one_command_a_minute_is_handed_on(desk: Desk) -> None:
    heard = [await hear(desk, number, ADMIN) for number in range(50)]
    assert [one.emitted for one in heard] == [[MeetRoom(chat_id=GROUP)], *[[]] * 49]
    assert {row(one).status for one in heard[1:]} == {"limited"}
    assert all(one.effects == [] for one in heard)
    assert (await hear(desk, 50, POST, "channel_post")).emitted == [MeetRoom(chat_id=CHANNEL)], "another chat"
    desk.now += timedelta(seconds=MEETING_SECONDS)
    assert (await hear(desk, 51, ADMIN)).emitted == [MeetRoom(chat_id=GROUP)]


async def test_an_update_that_is_heard_again_is_handed_on_again(desk: Desk) -> None:
    """The turn before may have failed."""
    for _ in range(2):
        assert (await hear(desk, 1, ADMIN)).emitted == [MeetRoom(chat_id=GROUP)]


def test_what_is_remembered_of_floods_has_an_end() -> None:
    met = RoomsMet()
    for number in range(2 * ROOMS_MAX):
        assert met.is_new(-number, "tg:1", NOW)
    assert len(met) <= ROOMS_MAX


REFUSALS = [
    (403, "Forbidden: bot is not a member of the supergroup chat"),
    (400, "Bad Request: not enough rights to send text messages to the chat"),
    (400, "Bad Request: TOPIC_CLOSED"),
    (400, "Bad Request: something new"),
]


@pytest.mark.parametrize(("code", "description"), REFUSALS)
async def test_a_room_that_could_not_be_told_is_told_another_time(
    sender: Sender, fake_api: FakeApi, desk: Desk, code: int, description: str
) -> None:
    room = Room(chat_id=GROUP)
    (telling,) = screens(await decide(actor, MeetRoom(chat_id=GROUP), room, desk.services, now=NOW))
    fake_api.reply(code, description)
    (note,) = failed(await sender.show(telling, attempt())).messages
    assert note == RecordUntold(chat_id=GROUP)
    await decide(actor, note, room, now=NOW)
    assert screens(await decide(actor, MeetRoom(chat_id=GROUP), room, desk.services, now=NOW)) == [telling]


async def test_a_supergroup_that_could_not_be_told_is_told_where_it_is_now(
    sender: Sender, fake_api: FakeApi, homes: Homes
) -> None:
    homes.moved[GROUP] = SUPERGROUP
    fake_api.reply(403, "Forbidden: bot was kicked from the supergroup chat")
    result = failed(await sender.show(screen(chat_id=GROUP, player_id=0), attempt()))
    assert result.messages == (RecordUntold(chat_id=SUPERGROUP),)


async def test_an_outage_is_no_refusal_and_what_a_player_asked_there_is_no_telling(
    sender: Sender, fake_api: FakeApi
) -> None:
    fake_api.reply(502, "Bad Gateway")
    assert isinstance(await sender.show(screen(chat_id=GROUP, player_id=0), attempt()), Again)
    fake_api.reply(403, "Forbidden")
    assert failed(await sender.show(screen(chat_id=GROUP, player_id=PLAYER), attempt())).messages == ()
