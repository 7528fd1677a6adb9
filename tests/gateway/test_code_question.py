"""The button that asks for a promo code: what the next text is, and what leaves the question (DOMAIN §7)."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.gateway.conftest import NOW, PLAYER, Desk, person

from actors.testing import Decision
from contracts.promo import RedeemCode
from gateway.domain.chat import CODE_AWAITED_FOR
from gateway.domain.effects import AnswerTap, ShowScreen
from gateway.domain.log import UpdateRow

ASK = "pc"
GROUP = {"id": -1001, "type": "supergroup", "title": "Deutsch"}


def codes(decision: Decision) -> list[RedeemCode]:
    return [one for one in decision.emitted if isinstance(one, RedeemCode)]


def shown(decision: Decision) -> ShowScreen:
    (screen,) = [one for one in decision.effects if isinstance(one, ShowScreen)]
    return screen


async def picture(desk: Desk, **more: Any) -> Decision:
    chat = {"id": PLAYER, "type": "private", "first_name": "Anna"}
    return await desk.update(
        "message",
        {"message_id": 1, "date": 1, "chat": chat, "from": person("de"), "photo": [{"file_id": "x"}], **more},
    )


@pytest.mark.parametrize("way", ["tap", "/promo"])
async def test_the_next_text_is_the_code_and_the_one_after_it_is_not(desk: Desk, way: str) -> None:
    asked = await (desk.tap(ASK) if way == "tap" else desk.say(way))
    assert "Wie lautet dein Code?" in shown(asked).text
    assert "10 Minuten" in shown(asked).text
    assert codes(asked) == []
    (sent,) = codes(await desk.say("som mer-wind"))
    assert sent.fingerprints == desk.services.peppers.fingerprints("SOMMERWIND")
    assert codes(await desk.say("sommerwind")) == []


async def test_nothing_of_the_code_goes_on_but_its_fingerprint(desk: Desk) -> None:
    await desk.tap(ASK)
    decision = await desk.say("sommerwind")
    written = (*decision.emitted, *decision.records, *decision.effects, desk.chat)
    said = b" ".join(map(msgspec.json.encode, written)).upper()
    assert b"SOMMER" not in said
    (line,) = [one for one in decision.records if isinstance(one, UpdateRow)]
    assert (line.command, line.status) == ("", "handled")


async def test_unasked_a_text_is_no_code(desk: Desk) -> None:
    decision = await desk.say("sommerwind")
    assert codes(decision) == []
    assert "Code" not in shown(decision).text


@pytest.mark.parametrize("left_by", ["/help", "/promosommer", "/start", "x", "sh:shop", "v:menu"])
async def test_whatever_else_the_player_does_leaves_the_question(desk: Desk, left_by: str) -> None:
    await desk.tap(ASK)
    await (desk.say(left_by) if left_by.startswith("/") else desk.tap(left_by))
    assert codes(await desk.say("sommerwind")) == []


async def test_a_forged_tap_changes_nothing(desk: Desk) -> None:
    await desk.tap(ASK)
    await desk.tap("nonsense")
    assert len(codes(await desk.say("sommerwind"))) == 1


async def test_the_way_out_leads_to_the_shop(desk: Desk) -> None:
    ((button,),) = shown(await desk.tap(ASK)).keyboard
    assert button.text == "✖️ Abbrechen"
    assert button.callback_data is not None
    await desk.tap(button.callback_data)
    assert codes(await desk.say("sommerwind")) == []


async def test_the_question_ends_by_itself_and_says_so_once(desk: Desk) -> None:
    await desk.tap(ASK)
    desk.now = NOW + CODE_AWAITED_FOR - timedelta(seconds=1)
    assert desk.chat.awaits_code(desk.now)
    desk.now = NOW + CODE_AWAITED_FOR
    late = await desk.say("sommerwind")
    assert codes(late) == []
    assert "Sollte das dein Code sein?" in shown(late).text
    assert shown(late).keyboard[0][0].callback_data == ASK
    assert "Sollte das" not in shown(await desk.say("sommerwind")).text


async def test_a_picture_is_no_code_and_what_is_below_one_is(desk: Desk) -> None:
    await desk.tap(ASK)
    again = await picture(desk)
    assert "Wie lautet dein Code?" in shown(again).text
    desk.now = NOW + CODE_AWAITED_FOR - timedelta(seconds=1)
    assert len(codes(await picture(desk, caption="sommerwind"))) == 1


async def test_what_is_said_in_a_group_neither_answers_nor_leaves_the_question(desk: Desk) -> None:
    await desk.tap(ASK)
    assert codes(await desk.say("sommerwind", chat=GROUP)) == []
    assert codes(await desk.say("/promo sommerwind", chat=GROUP)) == []
    assert len(codes(await desk.say("sommerwind"))) == 1


async def test_asked_in_a_group_the_question_is_put_in_private(desk: Desk) -> None:
    tap = {
        "id": "q1", "from": person("de"), "chat_instance": "1", "data": ASK,
        "message": {"message_id": 50, "date": 1, "chat": GROUP, "text": "…"},
    }  # fmt: skip
    decision = await desk.update("callback_query", tap)
    assert (shown(decision).chat_id, shown(decision).message_id) == (PLAYER, 0)
    assert [one.query_id for one in decision.effects if isinstance(one, AnswerTap)] == ["q1"]
    assert codes(await desk.say("sommerwind", chat=GROUP)) == []


async def test_over_the_limit_the_question_stands(desk: Desk) -> None:
    await desk.tap(ASK)
    desk.chat.command_tokens, desk.chat.commanded_at = 0.0, NOW
    assert codes(await desk.say("sommerwind")) == []
    desk.now = NOW + timedelta(minutes=1)
    assert len(codes(await desk.say("sommerwind"))) == 1


async def test_the_question_is_put_in_english(desk: Desk) -> None:
    desk.chat.language = "en"
    assert "What’s your code?" in shown(await desk.tap(ASK)).text
