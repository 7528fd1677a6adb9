"""Strangers' webhooks for the benchmark of alerts: what arrived, when, and a hook that hangs."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web


class Hooks:
    """A generic webhook that answers, and Slack's, which may hang."""

    def __init__(self) -> None:
        self.slack_hangs = False
        self.url = ""
        self.opened: defaultdict[str, set[str]] = defaultdict(set)
        """Key → the ids of the notices that said it opened."""
        self.times: Counter[str] = Counter()
        """Notice's id → how often it came."""
        self.arrived: dict[str, float] = {}
        self.calls: list[tuple[float, int]] = []
        """When the generic webhook was called, and with how many notices."""
        self.slack_calls: list[float] = []

    async def generic(self, request: web.Request) -> web.Response:
        """Keep what comes."""
        body: Any = msgspec.json.decode(await request.read())
        now = time.time()
        self.calls.append((now, len(body["notices"])))
        for notice in body["notices"]:
            self.times[notice["notice_id"]] += 1
            if notice["kind"] == "OPENED":
                self.opened[notice["key"]].add(notice["notice_id"])
                self.arrived.setdefault(notice["key"], now)
        return web.Response()

    async def slack(self, request: web.Request) -> web.Response:
        """Answer, or let who calls wait for as long as they like."""
        await request.read()
        self.slack_calls.append(time.time())
        if self.slack_hangs:
            await asyncio.sleep(3_600)
        return web.Response(text="ok")


@asynccontextmanager
async def listening() -> AsyncGenerator[Hooks]:
    """Listen on a free port."""
    hooks = Hooks()
    app = web.Application(client_max_size=64 * 1024**2)
    app.add_routes([web.post("/generic", hooks.generic), web.post("/slack", hooks.slack)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hooks.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield hooks
    finally:
        await runner.cleanup()
