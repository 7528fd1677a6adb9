"""The gateway in this process on real NATS and real Postgres; the game beside it where a test plays."""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import asyncpg
import msgspec
import nats
import pytest
from tests.gateway import counter
from tests.gateway.conftest import TOKEN, FakeApi, person

import gameplay.app
import gateway.app
import promo.app
import referrals.app
from actors.clock import SystemClock
from actors.deploying.provision import provision
from actors.engine.runtime import Dependencies, Provided, Running, running
from actors.settings import Settings
from actors.spec import ServiceSpec
from contracts.gateway import PlayerReachabilityChanged
from contracts.message import decode
from devstack.databases import Database
from gameplay.settings import GameplaySettings
from gateway.ingress.webhook import SECRET_HEADER, WebhookIngress
from gateway.settings import WEBHOOK_PATH, GatewaySettings
from gateway.telegram import watch

pytestmark = [pytest.mark.services("gateway", "gameplay", "stage")]
SECRET = "a-secret-of-this-test"
numbers = itertools.count(int(time.time() * 1000))


class Town:
    """Everything a player could meet, and what a test may ask of it."""

    def __init__(self, stack: AsyncExitStack, database: Database, nats_server: Any, fake_api: FakeApi) -> None:
        self._stack = stack
        self._database = database
        self._nats = nats_server
        self.api = fake_api
        self.client: aiohttp.ClientSession | None = None
        self.doors: list[WebhookIngress] = []

    async def open(self) -> None:
        nc = await nats.connect(self._nats.url)
        self._stack.push_async_callback(nc.close)
        self.js = nc.jetstream()
        await provision(nc, [gateway.app.SPEC, gameplay.app.SPEC, counter.SPEC, promo.app.SPEC, referrals.app.SPEC])
        self.client = await self._stack.enter_async_context(aiohttp.ClientSession())
        self.rows = await asyncpg.connect(self._database.dsn("gateway"))
        self._stack.push_async_callback(self.rows.close)

    async def start_gateway(self, **more: Any) -> Running:
        """Start a replica."""
        settings = GatewaySettings.model_validate(
            {
                "nats_url": self._nats.url, "postgres_dsn": self._database.dsn("gateway"), "log_level": "error",
                "bot_token": TOKEN, "bot_username": "starquiz_bot", "telegram_api_url": self.api.address,
                "updates": "webhook", "webhook_secret": SECRET, "promo_secret_peppers": "pepper of every test", **more,
            }
        )  # fmt: skip

        @asynccontextmanager
        async def build(means: Dependencies) -> AsyncGenerator[Provided]:
            async with gateway.app.build(means) as built:
                self.doors += [ingress for ingress in built.ingresses if isinstance(ingress, WebhookIngress)]
                yield built

        return await self._run(gateway.app.SPEC, settings, build)

    async def start_game(self) -> None:
        settings = GameplaySettings.model_validate(
            {"nats_url": self._nats.url, "postgres_dsn": self._database.dsn("gameplay"), "log_level": "error"}
        )
        await self._run(gameplay.app.SPEC, settings, gameplay.app.build)

    async def open_counter(self) -> counter.Till:
        """Start the stand-in of payments."""
        settings = Settings.model_validate(
            {"nats_url": self._nats.url, "postgres_dsn": self._database.dsn("stage"), "log_level": "error"}
        )
        till = counter.Till()
        await self._run(counter.SPEC, settings, counter.build_with(till))
        return till

    async def _run(self, spec: ServiceSpec, settings: Settings, build: Any) -> Running:
        context: Any = running(spec, settings, build, clock=SystemClock())
        return await self._stack.enter_async_context(context)

    async def post(self, kind: str, body: dict[str, Any], *, update_id: int = 0, door: int = 0) -> int:
        """Deliver an update as Telegram does; returns the status."""
        assert self.client is not None
        update = {"update_id": update_id or next(numbers), kind: body}
        address = f"http://127.0.0.1:{self.doors[door].port}{WEBHOOK_PATH}"
        headers = {SECRET_HEADER: SECRET}
        async with self.client.post(address, data=msgspec.json.encode(update), headers=headers) as response:
            return response.status

    async def say(self, text: str, player: int = 7, **more: Any) -> int:
        chat = {"id": player, "type": "private", "first_name": "Anna"}
        sender = {**person("de"), "id": player}
        message = {"message_id": 1, "date": 1, "chat": chat, "from": sender, "text": text}
        return await self.post("message", message, **more)

    async def tap(self, data: str, query_id: str, *, message_id: int = 101, player: int = 7, **more: Any) -> int:
        chat = {"id": player, "type": "private", "first_name": "Anna"}
        message = {"message_id": message_id, "date": 1, "chat": chat, "text": "x"}
        body = {"id": query_id, "from": {**person("de"), "id": player}, "chat_instance": "1", "data": data}
        return await self.post("callback_query", {**body, "message": message}, **more)

    def answers(self) -> dict[str, str]:
        """Query id → toast of the taps answered so far."""
        return {body["callback_query_id"]: body.get("text", "") for body in self.api.called("answerCallbackQuery")}


@pytest.fixture
async def town(database: Database, nats_server: Any, fake_api: FakeApi) -> AsyncIterator[Town]:
    async with AsyncExitStack() as stack:
        town = Town(stack, database, nats_server, fake_api)
        await town.open()
        yield town


async def test_a_game_by_taps_costs_two_calls_a_tap(town: Town, wait_until: Callable[..., Any]) -> None:
    await town.start_game()
    await town.start_gateway()
    api = town.api
    assert await town.say("/start") == 200
    await wait_until(lambda: api.called("sendMessage"), "the welcome", seconds=15)
    assert "Anna" in api.called("sendMessage")[0]["text"]
    await town.tap("p:QUICK_MIX_A1A2", "q1")
    for number in range(2, 6):
        await wait_until(lambda n=number: len(api.called("editMessageText")) == n - 1, "an edit")
        await wait_until(lambda n=number: f"q{n - 1}" in town.answers(), "the tap's answer")
        keyboard = api.called("editMessageText")[-1]["reply_markup"]["inline_keyboard"]
        options = [button["callback_data"] for row in keyboard for button in row if "disabled" not in button]
        assert len(options) == 5
        await town.tap(options[number % 4], f"q{number}")
    await wait_until(lambda: "q5" in town.answers() and len(api.called("editMessageText")) == 5, "the last one")
    assert all(one["message_id"] == 101 for one in api.called("editMessageText"))
    assert len(api.called("answerCallbackQuery")) == 5
    assert town.answers()["q5"][0] in "✅❌"
    rows = await town.rows.fetch("select kind, command, status, player_id from updates order by update_id")
    assert [tuple(row) for row in rows] == [
        ("message", "/start", "handled", 7),
        ("callback_query", "tap:p", "handled", 7),
        *[("callback_query", "tap:a", "handled", 7)] * 4,
    ]


async def test_readiness_says_that_the_webhook_is_not_set_until_it_is(
    town: Town, wait_until: Callable[..., Any]
) -> None:
    town.api.replies.append((502, {}))
    service = await town.start_gateway(webhook_url="https://game.test")
    assert service.port
    assert town.client is not None
    said: list[str] = []

    async def look() -> int:
        assert town.client is not None
        async with town.client.get(f"http://127.0.0.1:{service.port}/readyz") as answer:
            said.append(await answer.text())
            return answer.status

    await wait_until(lambda: town.api.methods == ["setWebhook"], "the first try")
    assert await look() == 503
    assert said[-1].startswith("the webhook is not set: ")
    await wait_until(lambda: "setMyCommands" in town.api.methods, "the second try")
    assert await look() == 200
    assert town.api.methods[:2] == ["setWebhook", "setWebhook"]


async def test_an_update_delivered_three_times_takes_effect_once(town: Town, wait_until: Callable[..., Any]) -> None:
    await town.start_gateway()
    await town.start_gateway()
    number = next(numbers)
    statuses = [await town.say("/play", update_id=number, door=door) for door in (0, 1, 0)]
    assert statuses == [200, 200, 200]

    await town.say("/help", player=8)
    await wait_until(lambda: town.api.called("sendMessage"), "the help that came after")
    stream = await town.js.stream_info("GAMEPLAY_CMD")
    assert stream.state.messages == 3, "the name and the menu of one, the name of the other"
    assert await town.rows.fetchval("select count(*) from updates where update_id = $1", number) == 1


async def test_a_tap_that_nobody_answers_is_answered_here(
    town: Town, wait_until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.start_gateway()
    started = time.monotonic()
    await town.tap("x", "q1")
    await wait_until(lambda: "q1" in town.answers(), "the late answer")
    assert watch.LATE_SECONDS <= time.monotonic() - started < watch.LATE_SECONDS + 2
    assert "⏳" in town.answers()["q1"]


async def test_a_flood_of_one_player_is_answered_and_does_not_hold_up_another(
    town: Town, wait_until: Callable[..., Any]
) -> None:
    await town.start_game()
    await town.start_gateway()
    flood = [town.tap("v:streak", f"f{number}") for number in range(300)]
    statuses = asyncio.gather(*flood)
    await town.tap("v:streak", "other", player=8)
    await wait_until(lambda: "other" in town.answers(), "the other player's answer", seconds=20)
    assert list(town.answers()).index("other") < 150, "it need not wait for half of the flood"
    assert set(await statuses) == {200}
    await wait_until(lambda: len(town.answers()) == 301, "an answer to every tap", seconds=20)


async def test_a_stream_that_is_down_is_503_until_it_is_back(
    town: Town, nats_server: Any, wait_until: Callable[..., Any]
) -> None:
    await town.start_gateway()
    await asyncio.to_thread(nats_server.stop)
    number = next(numbers)
    assert await town.say("/help", update_id=number) == 503
    await asyncio.to_thread(nats_server.start)
    deadline = asyncio.get_running_loop().time() + 20
    while (status := await town.say("/help", update_id=number)) != 200:
        assert asyncio.get_running_loop().time() < deadline, status
        await asyncio.sleep(0.1)
    await wait_until(lambda: town.api.called("sendMessage"), "the help", seconds=20)
    await town.say("/language")
    await wait_until(lambda: len(town.api.called("sendMessage")) == 2, "the languages", seconds=20)
    assert "🌍" in town.api.called("sendMessage")[1]["text"]


async def test_a_player_who_blocked_the_bot_is_marked_and_told_of(town: Town, wait_until: Callable[..., Any]) -> None:
    await town.start_gateway()
    await wait_until(lambda: len(town.api.called("setMyShortDescription")) == 3, "the introduction")
    town.api.reply(403, "Forbidden: bot was blocked by the user")
    await town.say("/help")
    subscription = await town.js.subscribe("gateway.evt.7.player_reachability_changed", ordered_consumer=True)
    message = await subscription.next_msg(timeout=10)
    assert decode(PlayerReachabilityChanged, message.data).reachable is False
    assert await town.rows.fetchval("select blocked_at is not null from chats where player_id = 7")
    await town.say("/help")
    message = await subscription.next_msg(timeout=10)
    assert decode(PlayerReachabilityChanged, message.data).reachable is True
