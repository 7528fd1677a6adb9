"""Groups, channels and topics through the whole of Starquiz: answers go where they belong, and to nobody twice."""

import asyncio
from typing import Any

import aiohttp
import asyncpg
import pytest

from devstack.scripted_player import ScriptedPlayer
from devstack.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")

_HEARD = "select count(*) from gateway.updates"


class Telegram:
    """The sandbox's rooms."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def post(self, path: str, **body: Any) -> Any:
        async with self.session.post(f"/sandbox/api/{path}", json=body) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def said(self, room: int, count: int) -> list[dict[str, Any]]:
        """Wait until the bot has said so much in a room, and return it."""
        async with asyncio.timeout(30):
            while True:
                async with self.session.get(f"/sandbox/api/rooms/{room}/messages") as answer:
                    found = [one for one in await answer.json() if one["from"] == "bot"]
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.05)

    async def changed(self, room: int, message: dict[str, Any]) -> dict[str, Any]:
        """Wait until a message in a room is another than it was, and return it."""
        async with asyncio.timeout(30):
            while True:
                async with self.session.get(f"/sandbox/api/rooms/{room}/messages") as answer:
                    found = [one for one in await answer.json() if one["message_id"] == message["message_id"]]
                if found[0]["rev"] > message["rev"]:
                    return found[0]
                await asyncio.sleep(0.05)


@pytest.mark.timeout(180)
async def test_answers_go_where_they_belong(stack: Stack) -> None:
    database = asyncpg.create_pool(stack.postgres.dsn("starquiz"), min_size=1, max_size=1)
    async with database, aiohttp.ClientSession(stack.address) as session:
        heard = await database.fetchval(_HEARD)
        telegram, player = Telegram(session), await ScriptedPlayer.come(session, "Kim", "en")
        await player.ask("/start")
        forum = (await telegram.post("rooms", title="Klasse", type="supergroup", forum=True))["id"]
        group = (await telegram.post("rooms", title="Kurs", type="group"))["id"]
        thread = (await telegram.post(f"rooms/{forum}/topics", name="Verben"))["thread_id"]
        play = {"text": "/play", "player_id": player.player_id}
        # In a topic, and in a thread of replies of a group without topics.
        await telegram.post(f"rooms/{forum}/send", **play, thread_id=thread)
        await telegram.post(f"rooms/{group}/send", **play, thread_id=5, topic=False)
        assert [one.get("thread_id") for one in await telegram.said(forum, 1)] == [thread]
        assert [one.get("thread_id") for one in await telegram.said(group, 1)] == [None]
        # In a chat's name: once.
        for voice in ("anonymous", "channel", "linked", "anonymous"):
            await telegram.post(f"rooms/{group}/send", text="/play@starquiz_bot", **{"as": voice})
        (_, told) = await telegram.said(group, 2)
        assert "eigenen Konto" in told["text"]
        # The group becomes a supergroup, which was told already; what is asked in the old one comes in the new one.
        home = (await telegram.post(f"rooms/{group}/migrate"))["id"]
        await telegram.post(f"rooms/{home}/send", text="/play", **{"as": "anonymous"})
        await telegram.post(f"rooms/{group}/send", **play)
        assert len(await telegram.said(home, 1)) == 1
        # The bot is thrown out: the player is reached all the same, and plays in a topic of the private chat.
        await telegram.post(f"rooms/{home}/kick")
        await telegram.post(f"rooms/{home}/send", **play)
        await settled(database, heard + 14)
        players = await database.fetch("select player_id, blocked_at from gateway.chats where player_id <> 0")
        rooms = await database.fetch("select chat_id, moved_to, told_at is null from gateway.rooms order by 1 desc")
        dead = await database.fetchval("select count(*) from gateway.dead_letters")
        assert (len(await telegram.said(group, 2)), len(await telegram.said(home, 1)), dead) == (2, 1, 0)
        assert (player.player_id, None) in [tuple(one) for one in players]
        assert all(one["player_id"] > 2**32 for one in players), "neither a chat nor who stands for one is a player"
        assert [tuple(one) for one in rooms] == [(group, home, False), (home, 0, False)]


@pytest.mark.timeout(180)
async def test_a_tap_in_a_topic_is_answered_there(stack: Stack) -> None:
    async with aiohttp.ClientSession(stack.address) as session:
        telegram = Telegram(session)
        kim, lee = await ScriptedPlayer.come(session, "Kim", "en"), await ScriptedPlayer.come(session, "Lee", "en")
        for player in (kim, lee):
            await player.ask("/start")
        forum = (await telegram.post("rooms", title="Klasse", type="supergroup", forum=True))["id"]
        thread = (await telegram.post(f"rooms/{forum}/topics", name="Verben"))["thread_id"]
        await telegram.post(f"rooms/{forum}/send", text="/play", player_id=kim.player_id, thread_id=thread)
        (shown,) = await telegram.said(forum, 1)
        alone = [await player.messages() for player in (kim, lee)]
        # No button of ours in a group starts a game; one that a client made up, or that is older than that rule, does.
        tap = {"message_id": shown["message_id"], "player_id": kim.player_id}
        await telegram.post(f"rooms/{forum}/tap", **tap, data="p:QUICK_MIX_A1A2", force=True)
        question = await telegram.changed(forum, shown)
        option = question["buttons"][0][0]["data"]
        # Somebody else's question: they hear so, and nothing changes for all the others.
        refused = await telegram.post(f"rooms/{forum}/tap", **tap | {"player_id": lee.player_id}, data=option)
        assert refused["text"]
        told = await telegram.post(f"rooms/{forum}/tap", **tap, data=option)
        assert told["text"]
        solved = await telegram.changed(forum, question)
        assert (solved["message_id"], solved["thread_id"]) == (shown["message_id"], thread)
        assert [await player.messages() for player in (kim, lee)] == alone, (
            "what is tapped in a group is answered there"
        )


async def settled(database: "asyncpg.Pool[asyncpg.Record]", count: int) -> None:
    """Wait until so many updates are in the log and nothing waits to be performed."""
    sql = f"select ({_HEARD}) >= $1 and not exists (select from gateway.effects)"
    async with asyncio.timeout(30):
        while not await database.fetchval(sql, count):  # noqa: ASYNC110 - nobody tells of a line in the log
            await asyncio.sleep(0.05)
