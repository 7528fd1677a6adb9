"""What the sandbox's tests share: a clock to move, a running sandbox, a webhook that listens."""

import asyncio
import heapq
import itertools
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web

from sandbox.app import Sandbox, Server, assemble
from sandbox.clock import Clock
from sandbox.settings import Settings

DEADLINE_SECONDS = 5.0
KEYBOARD = {"inline_keyboard": [[{"text": "der", "callback_data": "a:0"}, {"text": "die", "callback_data": "a:1"}]]}


async def until(holds: Callable[[], bool], what: str = "the condition") -> None:
    """Wait until a condition holds; fails after a few seconds."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not holds():  # noqa: ASYNC110 - there is no event for what other tasks have done
            await asyncio.sleep(0.002)
    assert holds(), what


class HandClock(Clock):
    """Stands still until a test moves it; who sleeps wakes in order of time."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0
        self._count = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        waker = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.time + seconds, next(self._count), waker))
        await waker

    @property
    def naps(self) -> list[float]:
        """Seconds until each sleeper wakes, shortest first."""
        return sorted(at - self.time for at, _, waker in self._sleepers if not waker.done())

    def advance(self, seconds: float) -> None:
        """Move on, and wake everybody whose time has come."""
        self.time += seconds
        while self._sleepers and self._sleepers[0][0] <= self.time:
            waker = heapq.heappop(self._sleepers)[2]
            if not waker.done():
                waker.set_result(None)


class RefusedError(Exception):
    """An HTTP answer other than 200."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Stage:
    """A running sandbox and the ways into it."""

    def __init__(self, sandbox: Sandbox, clock: HandClock, session: aiohttp.ClientSession, url: str) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self.http = session
        self.url = url
        self.anna, self.ben = list(sandbox.world.chats)[:2]
        api = AiohttpSession(api=TelegramAPIServer.from_base(url))
        self.bot = Bot(sandbox.settings.bot_token, session=api)
        self._aiogram = api

    async def close(self) -> None:
        """Close aiogram's connections, without the quarter of a second its own `close` rests."""
        if self._aiogram._session is not None:
            await self._aiogram._session.close()

    async def raw(self, method: str, **parameters: Any) -> tuple[int, dict[str, Any]]:
        """A Bot API call with a JSON body → (status, answer)."""
        async with self.http.post(f"/bot{self.sandbox.settings.bot_token}/{method}", json=parameters) as answer:
            return answer.status, await answer.json()

    async def call(self, method: str, **parameters: Any) -> Any:
        """A Bot API call that must succeed → result."""
        status, answer = await self.raw(method, **parameters)
        assert (status, answer["ok"]) == (200, True), answer
        return answer["result"]

    async def refusal(self, method: str, **parameters: Any) -> tuple[int, str]:
        """A Bot API call that must fail → (error_code, description)."""
        status, answer = await self.raw(method, **parameters)
        assert not answer["ok"]
        assert answer["error_code"] == status
        return status, answer["description"]

    async def api(self, verb: str, path: str, body: Any = None) -> Any:
        """A JSON API call → answer; RefusedError for anything but 200."""
        async with self.http.request(verb, f"/sandbox/api/{path}", json=body) as answer:
            decoded = await answer.json()
        if answer.status != 200:
            raise RefusedError(answer.status, decoded)
        return decoded

    async def send(self, player_id: int, text: str = "/start") -> dict[str, Any]:
        """The player writes."""
        return await self.api("POST", f"players/{player_id}/send", {"text": text})

    async def tap(self, player_id: int, message_id: int, data: str, **more: Any) -> dict[str, Any]:
        """The player taps."""
        return await self.api("POST", f"players/{player_id}/tap", {"message_id": message_id, "data": data, **more})

    async def messages(self, player_id: int, query: str = "after=0") -> list[dict[str, Any]]:
        """The player's chat."""
        return await self.api("GET", f"players/{player_id}/messages?{query}")

    async def question(self, player_id: int) -> int:
        """The player has started, and the bot has sent a message with buttons → its id."""
        self.sandbox.world.chats[player_id].player.started = True
        sent = await self.call("sendMessage", chat_id=player_id, text="?", reply_markup=KEYBOARD)
        return sent["message_id"]

    async def updates(self, **parameters: Any) -> list[dict[str, Any]]:
        """getUpdates."""
        return await self.call("getUpdates", **parameters)

    async def faults(self, *rules: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Set fault rules."""
        return await self.api("POST", "faults", {"faults": list(rules), **more})


@asynccontextmanager
async def open_stage(**settings: Any) -> AsyncGenerator[Stage]:
    """A sandbox on a free port, stopped at the end."""
    clock = HandClock()
    sandbox = assemble(Settings(**settings), clock)
    server = Server(sandbox)
    await server.start()
    url = f"http://127.0.0.1:{server.port}"
    try:
        async with aiohttp.ClientSession(url) as session:
            stage = Stage(sandbox, clock, session, url)
            yield stage
            await stage.close()
    finally:
        await server.stop()


class Hook:
    """A webhook: answers with the statuses it was told (then 200), keeps updates and headers."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.peers: set[Any] = set()
        self.answers: list[web.Response] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"

    async def stop(self) -> None:
        """Hang up on everybody."""
        self.gate.set()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def texts(self) -> list[str]:
        """Texts of the messages that came, and data of the taps."""
        return [one["message"]["text"] if "message" in one else one["callback_query"]["data"] for one in self.updates]

    async def wait_for(self, count: int) -> None:
        """Wait until this many updates came."""
        await until(lambda: len(self.updates) >= count, f"{count} updates")

    async def _take(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        self.peers.add(request.transport.get_extra_info("peername") if request.transport else None)
        self.updates.append(json.loads(await request.read()))
        answer = self.answers.pop(0) if self.answers else web.Response()
        await self.gate.wait()
        return answer
