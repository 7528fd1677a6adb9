"""Taps and their answers."""

import asyncio

import pytest
from telegram_stage import RefusedError, Stage, until

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


async def callbacks(stage: Stage) -> dict[str, float]:
    return (await stage.api("GET", "stats"))["callbacks"]


async def test_a_tap_waits_for_the_answer(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    tapping = asyncio.create_task(stage.tap(stage.anna, message_id, "a:1"))
    [update] = await stage.updates(timeout=5)
    query = update["callback_query"]
    assert (query["data"], query["from"]["id"], query["message"]["message_id"]) == ("a:1", stage.anna, message_id)
    await stage.call("answerCallbackQuery", callback_query_id=query["id"], text="Richtig!", show_alert=True)
    answer = await tapping
    assert (answer["text"], answer["show_alert"], answer["url"]) == ("Richtig!", True, None)
    assert answer["update_id"] == update["update_id"]
    assert (await callbacks(stage))["answered_ratio"] == 1.0


async def test_a_tap_need_not_wait(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    made = await stage.tap(stage.anna, message_id, "a:0", wait=False)
    [update] = await stage.updates()
    assert update["callback_query"]["id"] == made["callback_query_id"]


async def test_nobody_answers(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    with pytest.raises(RefusedError) as refused:
        await stage.tap(stage.anna, message_id, "a:0", timeout=0.05)
    assert refused.value.status == 504
    assert (await callbacks(stage))["answered_ratio"] == 0.0


async def test_a_second_answer_is_refused_and_counted(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    query = (await stage.tap(stage.anna, message_id, "a:0", wait=False))["callback_query_id"]
    await stage.call("answerCallbackQuery", callback_query_id=query)
    assert await stage.refusal("answerCallbackQuery", callback_query_id=query) == (400, TOO_OLD)
    assert await callbacks(stage) == {
        "made": 1, "answered": 1, "double_answers": 1, "late_answers": 0, "unknown_answers": 0, "answered_ratio": 1.0,
    }  # fmt: skip


async def test_an_answer_can_be_too_late(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    query = (await stage.tap(stage.anna, message_id, "a:0", wait=False))["callback_query_id"]
    stage.clock.advance(stage.sandbox.settings.callback_answer_seconds + 1)
    assert await stage.refusal("answerCallbackQuery", callback_query_id=query) == (400, TOO_OLD)
    assert (await callbacks(stage))["late_answers"] == 1


async def test_answered_taps_are_forgotten_in_time(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    old = (await stage.tap(stage.anna, message_id, "a:0", wait=False))["callback_query_id"]
    stage.clock.advance(1000)
    await stage.tap(stage.anna, message_id, "a:0", wait=False)
    await stage.refusal("answerCallbackQuery", callback_query_id=old)
    assert (await callbacks(stage))["unknown_answers"] == 1


async def test_only_buttons_that_are_there_can_be_tapped(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    with pytest.raises(RefusedError) as missing:
        await stage.tap(stage.anna, 1, "a:0")
    assert (missing.value.status, missing.value.body["error"]) == (404, "there is no message 1 in this chat")
    with pytest.raises(RefusedError) as wrong:
        await stage.tap(stage.anna, message_id, "a:2")
    assert wrong.value.status == 400
    assert '"force": true' in wrong.value.body["remedy"]
    assert await stage.updates() == []


async def test_data_can_be_forged(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    await stage.tap(stage.anna, message_id, "forged", force=True, wait=False)
    await stage.tap(stage.anna, 1, "gone", force=True, wait=False)
    forged, gone = await stage.updates()
    assert forged["callback_query"]["data"] == "forged"
    assert gone["callback_query"]["message"]["date"] == 0


async def test_an_answer_may_open_a_link_to_the_bot(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    query = (await stage.tap(stage.anna, message_id, "a:0", wait=False))["callback_query_id"]
    url = "https://t.me/starquiz_bot?start=ref_ABC234"
    assert await stage.call("answerCallbackQuery", callback_query_id=query, url=url)


async def test_who_blocked_the_bot_does_not_tap(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    await stage.api("POST", f"players/{stage.anna}/block")
    with pytest.raises(RefusedError) as refused:
        await stage.tap(stage.anna, message_id, "a:0")
    assert (refused.value.status, refused.value.body["error"]) == (409, "this player has blocked the bot")


async def test_the_message_of_a_tap_is_as_it_was_at_the_tap(stage: Stage) -> None:
    message_id = await stage.question(stage.anna)
    await stage.tap(stage.anna, message_id, "a:0", wait=False)
    await stage.call("editMessageText", chat_id=stage.anna, message_id=message_id, text="later")
    [update] = await stage.updates()
    assert update["callback_query"]["message"]["text"] == "?"
    await until(lambda: len(stage.sandbox.updates.pending) == 1)
