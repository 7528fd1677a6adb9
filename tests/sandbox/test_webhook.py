"""Webhook delivery: order, retries, expiry, as Telegram does it."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from telegram_stage import Hook, Stage, until

from sandbox.delivery.webhook import retry_delay_seconds

SECRET = "s3cret_-A"


async def open_hook(stage: Stage, hook: Hook, **more: object) -> None:
    assert await stage.call("setWebhook", url=hook.url, secret_token=SECRET, **more)


async def stat(stage: Stage, outcome: str) -> int:
    return (await stage.api("GET", "stats"))["updates"].get(outcome, {}).get("total", 0)


def failures(count: int) -> list[web.Response]:
    return [web.Response(status=500) for _ in range(count)]


async def retrying(stage: Stage, hook: Hook, count: int) -> None:
    """Wait until the next attempt has failed and the retry is scheduled."""
    await hook.wait_for(count)
    await until(lambda: len(stage.clock.naps) == 1)


async def test_updates_come_with_the_raw_secret_and_rising_ids(stage: Stage, hook: Hook) -> None:
    await open_hook(stage, hook)
    sent = [await stage.send(stage.anna, f"/n {number}") for number in range(3)]
    await hook.wait_for(3)
    assert [one["update_id"] for one in hook.updates] == [one["update_id"] for one in sent]
    assert sent[2]["update_id"] == sent[0]["update_id"] + 2
    assert {one["X-Telegram-Bot-Api-Secret-Token"] for one in hook.headers} == {SECRET}
    assert {one["Content-Type"] for one in hook.headers} == {"application/json"}
    assert len(hook.peers) == 1, "keep-alive: one connection"
    await until(lambda: len(stage.sandbox.updates.pending) == 0)
    assert await stat(stage, "delivered") == 3


async def test_a_failing_update_holds_up_its_own_queue_only(stage: Stage, hook: Hook) -> None:
    hook.answers = [web.Response(status=500), web.Response(status=503)]
    await open_hook(stage, hook)
    await stage.send(stage.anna, "/first")
    await retrying(stage, hook, 2)
    assert stage.clock.naps == [2.0], "the first retry came at once, the second is 2 s away"
    await stage.send(stage.anna, "/second")
    await stage.send(stage.ben, "/other")
    await hook.wait_for(3)
    assert hook.texts == ["/first", "/first", "/other"]
    stage.clock.advance(2)
    await hook.wait_for(5)
    assert hook.texts[3:] == ["/first", "/second"]
    assert await stat(stage, "retried") == 2


async def test_taps_and_messages_of_a_player_are_two_queues(stage: Stage, hook: Hook) -> None:
    message_id = await stage.question(stage.anna)
    hook.gate.clear()
    await open_hook(stage, hook)
    await stage.send(stage.anna, "/slow")
    await stage.tap(stage.anna, message_id, "a:0", wait=False)
    await stage.tap(stage.anna, message_id, "a:1", wait=False)
    await hook.wait_for(2)
    assert sorted(hook.texts) == ["/slow", "a:0"]
    hook.gate.set()
    await hook.wait_for(3)
    assert hook.texts[2] == "a:1"


async def test_max_connections_bounds_what_is_in_flight(stage: Stage, hook: Hook) -> None:
    ids = (await stage.api("POST", "players", {"first_name": "P", "count": 6}))["ids"]
    hook.gate.clear()
    await open_hook(stage, hook, max_connections=2)
    for player_id in ids:
        await stage.send(player_id)
    await hook.wait_for(2)
    hook.gate.set()
    await hook.wait_for(6)
    assert len(hook.peers) == 2, "six chats, two connections"


async def test_retry_after_is_honoured(stage: Stage, hook: Hook) -> None:
    hook.answers = [
        web.Response(status=503, headers={"Retry-After": "17"}),
        web.Response(status=429, headers={"Retry-After": "99999"}),
    ]
    await open_hook(stage, hook)
    await stage.send(stage.anna)
    await retrying(stage, hook, 1)
    assert stage.clock.naps == [17.0]
    stage.clock.advance(17)
    await retrying(stage, hook, 2)
    assert stage.clock.naps == [3600.0]


def test_retry_delays() -> None:
    assert [retry_delay_seconds(attempts) for attempts in range(1, 8)] == [0, 2, 4, 8, 16, 32, 64]
    assert all(60 <= retry_delay_seconds(attempts) <= 120 for attempts in range(8, 30))


@pytest.mark.parametrize(("kind", "seconds"), [("tap", 150), ("message", 24 * 3600)])
async def test_updates_expire(stage: Stage, hook: Hook, kind: str, seconds: int) -> None:
    message_id = await stage.question(stage.anna)
    hook.answers = failures(2)
    await open_hook(stage, hook)
    if kind == "tap":
        await stage.tap(stage.anna, message_id, "a:0", wait=False)
    else:
        await stage.send(stage.anna)
    await retrying(stage, hook, 2)
    stage.clock.advance(seconds - 3)
    await retrying_or_done(stage, hook, 3)
    assert await stat(stage, "expired") == 0
    hook.answers = failures(2)
    await stage.send(stage.ben)
    await retrying(stage, hook, 5)
    stage.clock.advance(24 * 3600)
    await until(lambda: len(stage.sandbox.updates.pending) == 0)
    assert len(hook.updates) == 5
    assert await stat(stage, "expired") == 1


async def retrying_or_done(stage: Stage, hook: Hook, count: int) -> None:
    await hook.wait_for(count)
    await until(lambda: len(stage.sandbox.updates.pending) == 0)


async def test_a_tap_is_given_up_when_the_next_delay_passes_its_expiry(stage: Stage, hook: Hook) -> None:
    message_id = await stage.question(stage.anna)
    hook.answers = failures(20)
    await open_hook(stage, hook)
    await stage.tap(stage.anna, message_id, "a:0", wait=False)
    for attempts in range(2, 9):
        await hook.wait_for(attempts)
        await until(lambda: stage.clock.naps != [] or len(stage.sandbox.updates.pending) == 0)
        stage.clock.advance(sum(stage.clock.naps))
        if len(stage.sandbox.updates.pending) == 0:
            break
    await until(lambda: len(stage.sandbox.updates.pending) == 0)
    assert len(hook.updates) == 8, "at 0, 0, 2, 6, 14, 30, 62 and 126 s; the next would be after 150"
    assert await stat(stage, "expired") == 1


async def test_a_dead_webhook_is_retried_and_told_about(stage: Stage, hook: Hook) -> None:
    await open_hook(stage, hook)
    await hook.stop()
    await stage.send(stage.anna)
    await until(lambda: stage.clock.naps == [2.0])
    info = await stage.call("getWebhookInfo")
    assert (info["url"], info["pending_update_count"]) == (hook.url, 1)
    assert info["last_error_message"].startswith("Connection failed")


async def test_a_silent_webhook_is_given_up_on(start: Callable[..., Awaitable[Stage]], hook: Hook) -> None:
    stage = await start(webhook_timeout_seconds=0.05)
    hook.gate.clear()
    await open_hook(stage, hook)
    await stage.send(stage.anna)
    await until(lambda: stage.clock.naps == [2.0])
    assert (await stage.call("getWebhookInfo"))["last_error_message"] == "Read timeout expired"


async def test_the_retry_scale_shortens_delays(start: Callable[..., Awaitable[Stage]], hook: Hook) -> None:
    stage = await start(retry_scale=0)
    hook.answers = failures(6)
    await open_hook(stage, hook)
    await stage.send(stage.anna)
    await hook.wait_for(7)
    await until(lambda: len(stage.sandbox.updates.pending) == 0)


async def test_what_waits_moves_between_webhook_and_get_updates(stage: Stage, hook: Hook) -> None:
    await stage.send(stage.anna, "/a")
    await open_hook(stage, hook)
    await hook.wait_for(1)
    assert (await stage.refusal("getUpdates"))[0] == 409
    await hook.stop()
    await stage.send(stage.anna, "/b")
    await until(lambda: stage.clock.naps == [2.0])
    await stage.call("deleteWebhook")
    assert [one["message"]["text"] for one in await stage.updates()] == ["/b"]
    assert (await stage.call("getWebhookInfo"))["url"] == ""


async def test_waiting_updates_can_be_dropped(stage: Stage, hook: Hook) -> None:
    await stage.send(stage.anna)
    await open_hook(stage, hook, drop_pending_updates=True)
    await stage.send(stage.anna, "/new")
    await hook.wait_for(1)
    assert hook.texts == ["/new"]


async def test_only_the_kinds_asked_for_come(stage: Stage, hook: Hook) -> None:
    await open_hook(stage, hook, allowed_updates=["callback_query"])
    message_id = await stage.question(stage.anna)
    await stage.send(stage.anna)
    await stage.tap(stage.anna, message_id, "a:0", wait=False)
    await hook.wait_for(1)
    assert hook.texts == ["a:0"]
    assert await stat(stage, "not_allowed") == 1
    assert (await stage.call("getWebhookInfo"))["allowed_updates"] == ["callback_query"]


async def test_a_method_in_the_reply_is_done(stage: Stage, hook: Hook) -> None:
    message_id = await stage.question(stage.anna)
    asked = web.json_response(
        {"method": "editMessageText", "chat_id": stage.anna, "message_id": message_id, "text": "neu"}
    )
    hook.answers = [asked, web.json_response({"method": "getMe"}), web.Response(text="ok")]
    await open_hook(stage, hook)
    for number in range(3):
        await stage.send(stage.anna, f"/{number}")
    await hook.wait_for(3)
    assert (await stage.messages(stage.anna))[0]["text"] == "neu"


async def test_a_bot_that_closes_idle_connections_misses_nothing(stage: Stage) -> None:
    got: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        got.append(json.loads(body)["message"]["text"])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        await stage.call("setWebhook", url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook")
        texts = [f"/n {number}" for number in range(5)]
        for text in texts:
            await stage.send(stage.anna, text)
        await until(lambda: len(stage.sandbox.updates.pending) == 0)
        assert got == texts
        await stage.call("deleteWebhook")
