"""The sender holds back: its own pace, Telegram's retry_after, and what is too old to be sent."""

from datetime import timedelta
from typing import Any

import pytest
from tests.gateway.conftest import NOW, PLAYER, FakeApi, Slots
from tests.gateway.sender_stage import again, attempt, failed, screen

from actors.effects import Again, Done
from gateway.domain.effects import AnswerTap, PushScreen
from gateway.telegram.sender import WAITING_MAX, Sender
from gateway.telegram.session import LeanSession, UnreachableError


async def test_a_superseded_edit_is_not_sent(sender: Sender, fake_api: FakeApi) -> None:
    assert isinstance(await sender.show(screen(message_id=50), attempt(superseded=True)), Done)
    assert fake_api.calls == []


async def test_of_a_flood_of_one_chat_only_the_newest_screens_are_sent(sender: Sender, fake_api: FakeApi) -> None:
    assert failed(await sender.show(screen(), attempt(behind=WAITING_MAX))).reason == "flood"
    assert fake_api.calls == []
    assert isinstance(await sender.show(screen(), attempt(behind=WAITING_MAX - 1)), Done)
    assert fake_api.methods == ["sendMessage"]


async def test_a_call_that_may_have_taken_effect_each_time_is_repeated_ever_more_seldom(
    sender: Sender, fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_api.replies += [(200, {"page": "no answer"})] * 3
    waits = [again(await sender.show(screen(chat_id=n), attempt(age=age))).after_seconds for n, age in ((1, 0), (2, 9))]
    waits.append(again(await sender.push(PushScreen(player_id=3, text="x"), attempt(age=600))).after_seconds)
    assert waits == [2.0, 9.0, 600.0]

    async def unreachable(*_: Any, **__: Any) -> Any:
        raise UnreachableError("no connection", was_sent=False)

    monkeypatch.setattr(LeanSession, "call", unreachable)
    assert again(await sender.show(screen(chat_id=4), attempt(age=600))).after_seconds == 2.0


@pytest.mark.parametrize("seconds", [-5, 10**9, 10**400])
async def test_an_absurd_retry_after_is_an_hour_at_most(sender: Sender, fake_api: FakeApi, seconds: int) -> None:
    fake_api.reply(429, "Too Many Requests", retry_after=seconds)
    assert 1.0 <= again(await sender.show(screen(), attempt())).after_seconds <= 3600.0


async def test_retry_after_holds_back_the_chat_and_no_other(sender: Sender, fake_api: FakeApi) -> None:
    fake_api.reply(429, "Too Many Requests: retry after 7", retry_after=7)
    result = again(await sender.show(screen(), attempt()))
    assert (result.after_seconds, result.pause) == (7, "lane")


async def test_retry_after_on_a_push_holds_back_all_pushes(sender: Sender, fake_api: FakeApi) -> None:
    fake_api.reply(429, "Too Many Requests: retry after 7", retry_after=7)
    result = again(await sender.push(PushScreen(player_id=PLAYER, text="x"), attempt()))
    assert (result.after_seconds, result.pause) == (7, "all")


async def test_a_chat_is_not_written_to_faster_than_its_pace(sender: Sender, fake_api: FakeApi) -> None:
    results = [await sender.show(screen(), attempt()) for _ in range(6)]
    assert [type(result) for result in results] == [Done] * 5 + [Again]
    assert again(results[-1]).pause == "lane"
    assert len(fake_api.calls) == 5
    assert isinstance(await sender.show(screen(message_id=50), attempt()), Done)
    assert isinstance(await sender.show(screen(chat_id=8), attempt()), Done)
    assert isinstance(await sender.show(screen(), attempt(now=NOW + timedelta(seconds=1))), Done)


async def test_answers_to_taps_have_no_pace(sender: Sender, fake_api: FakeApi) -> None:
    for number in range(50):
        assert isinstance(await sender.answer_tap(AnswerTap(query_id=str(number)), attempt()), Done)
    assert len(fake_api.called("answerCallbackQuery")) == 50


async def test_pushes_share_one_pace(sender: Sender, slots: Slots, fake_api: FakeApi) -> None:
    push = PushScreen(player_id=PLAYER, text="x")
    assert isinstance(await sender.push(push, attempt()), Done)
    waiting = again(await sender.push(push, attempt()))
    assert waiting.pause == "all"
    assert 0 < waiting.after_seconds <= slots.interval_seconds
    later = NOW + timedelta(seconds=slots.interval_seconds)
    assert isinstance(await sender.push(push, attempt(now=later)), Done)
    slots.free = False
    again(await sender.push(push, attempt(now=NOW + timedelta(seconds=1))))
    assert len(fake_api.calls) == 2


async def test_a_push_of_yesterday_is_dropped(sender: Sender, fake_api: FakeApi) -> None:
    result = failed(await sender.push(PushScreen(player_id=PLAYER, text="x"), attempt(age=13 * 3600)))
    assert result.reason == "too_late"
    assert fake_api.calls == []
