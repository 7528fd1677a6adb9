"""The stream of effects, for load generators and the chat page."""

import asyncio
import json
from typing import Any

import aiohttp
from telegram_stage import KEYBOARD, Stage


class Listener:
    """One WebSocket on the stream."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._lines: list[dict[str, Any]] = []

    async def line(self) -> dict[str, Any]:
        async with asyncio.timeout(3):
            while not self._lines:
                self._lines += json.loads(await self._socket.receive_str())
        return self._lines.pop(0)

    async def act(self, act: Any) -> None:
        await self._socket.send_str(json.dumps(act))


async def test_effects_of_bot_calls_as_they_happen(stage: Stage) -> None:
    stage.sandbox.world.chats[stage.anna].player.started = True
    async with stage.http.ws_connect("/sandbox/api/stream?full=1") as socket:
        stream = Listener(socket)
        sent = await stage.call("sendMessage", chat_id=stage.anna, text="?", reply_markup=KEYBOARD)
        shown = await stream.line()
        assert (shown["kind"], shown["chat_id"], shown["message_id"]) == ("message", stage.anna, sent["message_id"])
        assert shown["at"] == stage.clock.now()
        assert shown["message"]["buttons"][0][1]["data"] == "a:1"
        await stream.act({"tap": [stage.anna, sent["message_id"], "a:1"], "ref": 9})
        done = await stream.line()
        assert (done["kind"], done["ref"]) == ("done", 9)
        await stage.call("answerCallbackQuery", callback_query_id=done["callback_query_id"], text="ja")
        answered = await stream.line()
        assert (answered["kind"], answered["text"], answered["callback_query_id"]) == (
            "answer",
            "ja",
            done["callback_query_id"],
        )
        await stage.call("editMessageText", chat_id=stage.anna, message_id=sent["message_id"], text="neu")
        assert (await stream.line())["message"]["text"] == "neu"
        await stage.call("deleteMessage", chat_id=stage.anna, message_id=sent["message_id"])
        assert (await stream.line())["kind"] == "delete"


async def test_acts_over_the_stream(stage: Stage) -> None:
    async with stage.http.ws_connect("/sandbox/api/stream") as socket:
        stream = Listener(socket)
        await stream.act(
            [{"send": [stage.anna, "/start"], "ref": "s"}, {"tap": [stage.anna, 1, "x"], "ref": "t"}, {"ref": "n"}]
        )
        done, missing, wrong = [await stream.line() for _ in range(3)]
        assert (done["kind"], done["ref"]) == ("done", "s")
        assert (missing["kind"], missing["error"]) == ("error", "there is no message 1 in this chat")
        assert (wrong["kind"], wrong["error"]) == ("error", "not an act")
        await socket.send_str("{")
        assert (await stream.line())["kind"] == "error"
    assert len(await stage.updates()) == 1


async def next_data(answer: aiohttp.ClientResponse) -> list[dict[str, Any]]:
    async with asyncio.timeout(3):
        line = await answer.content.readline()
        await answer.content.readline()
    return json.loads(line.removeprefix(b"data: "))


async def test_server_sent_events(stage: Stage) -> None:
    await stage.send(stage.anna)
    async with stage.http.get("/sandbox/api/stream") as answer:
        await stage.call("sendChatAction", chat_id=stage.anna, action="typing")
        [line] = await next_data(answer)
    assert (line["kind"], line["action"]) == ("action", "typing")


async def test_the_page_gets_its_chats_and_then_every_change(stage: Stage) -> None:
    await stage.send(stage.anna)
    await stage.send(stage.ben)
    async with stage.http.get(f"/sandbox/page/events?players={stage.anna},77") as answer:
        hello, snapshot = await next_data(answer)
        assert hello == {"kind": "hello", "rooms": []}
        assert [one["text"] for one in snapshot["messages"]] == ["/start"]
        await stage.call("sendMessage", chat_id=stage.ben, text="not shown")
        await stage.call("sendMessage", chat_id=stage.anna, text="shown")
        await stage.api("POST", f"players/{stage.ben}/block")
        lines = await next_data(answer)
        while len(lines) < 2:
            lines += await next_data(answer)
    assert [one["kind"] for one in lines] == ["message", "player"]
    assert lines[0]["message"]["text"] == "shown"


async def test_the_page_needs_nothing_from_elsewhere(stage: Stage) -> None:
    async with stage.http.get("/") as answer:
        page = await answer.text()
    assert page.startswith("<!doctype html>")
    files = [part.split('"')[0] for part in page.split('="/')[1:]]
    assert "sandbox/page/static/app.js" in files
    for file in files:
        async with stage.http.get(f"/{file}") as answer:
            assert answer.status == 200
            body = (await answer.text()).replace("http://www.w3.org/2000/svg", "")
        assert "//cdn" not in body
        assert "@import" not in body
    for unknown in ("/sandbox/files/none", "/sandbox/page/static/../routes.py"):
        async with stage.http.get(unknown) as answer:
            assert answer.status == 404
