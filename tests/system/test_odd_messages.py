"""What Telegram sends besides plain texts, through the whole of Starquiz: answered once, and nobody is woken."""

import asyncio
from typing import Any

import aiohttp
import asyncpg
import pytest

from devstack.scripted_player import Message, ScriptedPlayer
from devstack.stack import Stack

FORWARD = {"forward_origin": {"type": "hidden_user", "date": 1_422_450_181}}
ODD = (FORWARD, {"external_reply": {"story": {}}}, {"aura": {"of": 2027}}, {"forward_origin": {"type": "hologram"}})
_COUNT = "select count(*) from gateway.updates where player_id = $1"
SERVICE = ("pin", "timer", "wallpaper", "topic", "boost", "access", "video_chat")


async def send(player: ScriptedPlayer, **fields: Any) -> int:
    return (await player.post("message", {"fields": fields}))["message_id"]


async def answered(player: ScriptedPlayer, sent: int) -> Message:
    return await player.wait("an answer", lambda one: one.message_id > sent and one.sender == "bot")


async def heard(connection: "asyncpg.Connection[asyncpg.Record]", player_id: int, count: int) -> None:
    """Wait until so many of a player's updates are in the log."""
    async with asyncio.timeout(30):
        while await connection.fetchval(_COUNT, player_id) < count:  # noqa: ASYNC110 - nobody tells of a line in the log
            await asyncio.sleep(0.05)


@pytest.mark.timeout(180)
@pytest.mark.asyncio(loop_scope="session")
async def test_odd_messages_are_answered_once_and_none_is_put_aside(stack: Stack) -> None:
    async with aiohttp.ClientSession(stack.address) as session:
        player = await ScriptedPlayer.come(session, "Kim", "en")
        await player.ask("/start")
        for odd in ODD:
            assert (await answered(player, await send(player, text="/play\nlos", **odd))).data
        for what in SERVICE:
            await player.post("service", {"what": what})
        await player.post("album", {"count": 10})
        await answered(player, await send(player, text="/stats", **FORWARD))
        for _ in range(40):
            await send(player, text="hi", **FORWARD)
        connection = await asyncpg.connect(stack.postgres.dsn("starquiz"))
        try:
            await heard(connection, player.player_id, 1 + len(ODD) + len(SERVICE) + 10 + 1 + 40)
            assert await connection.fetchval("select count(*) from gateway.dead_letters") == 0
            sql = "select status, count(*) from gateway.updates where player_id = $1 group by 1"
            statuses = {one["status"]: one["count"] for one in await connection.fetch(sql, player.player_id)}
        finally:
            await connection.close()
    assert set(statuses) <= {"handled", "ignored", "limited"}
    assert statuses["ignored"] == len(SERVICE) + 9  # of the album's ten parts one is answered
    assert statuses["handled"] >= 1 + len(ODD) + 1 + 1
    assert statuses["limited"] >= 28
