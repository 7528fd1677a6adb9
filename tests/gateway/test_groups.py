"""What a group, a supergroup or a channel refuses concerns itself, and no player."""

import pytest
from tests.gateway.conftest import NOW, PLAYER, FakeApi
from tests.gateway.sender_stage import attempt, failed, screen

from gateway.domain.internal_commands import RecordUnreachable
from gateway.telegram.sender import Sender

GROUP = -1001
REFUSALS = [
    (403, "Forbidden: bot was kicked from the supergroup chat"),
    (403, "Forbidden: bot is not a member of the channel chat"),
    (400, "Bad Request: chat not found"),
    (400, "Bad Request: have no rights to send a message"),
    (400, "Bad Request: not enough rights to send text messages to the chat"),
    (400, "Bad Request: need administrator rights in the channel chat"),
    (400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
]


@pytest.mark.parametrize(("code", "description"), REFUSALS)
@pytest.mark.parametrize("message_id", [0, 50])
async def test_a_group_that_refuses_marks_no_player(
    sender: Sender, fake_api: FakeApi, code: int, description: str, message_id: int
) -> None:
    fake_api.reply(code, description)
    result = failed(await sender.show(screen(chat_id=GROUP, message_id=message_id), attempt()))
    assert (result.reason, result.messages) == ("unreachable", ())
    assert len(fake_api.calls) == 1


async def test_another_ones_private_chat_that_refuses_marks_nobody(sender: Sender, fake_api: FakeApi) -> None:
    fake_api.reply(403, "Forbidden: bot was blocked by the user")
    assert failed(await sender.show(screen(chat_id=PLAYER + 1), attempt())).messages == ()


async def test_the_private_chat_that_refuses_marks_its_player(sender: Sender, fake_api: FakeApi) -> None:
    fake_api.reply(403, "Forbidden: bot was blocked by the user")
    result = failed(await sender.show(screen(message_id=50), attempt()))
    assert result.messages == (RecordUnreachable(player_id=PLAYER, at=NOW),)
