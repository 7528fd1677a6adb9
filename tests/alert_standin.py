"""A stranger's webhook on a real socket: what it was sent, and what it answers."""

import asyncio
from collections import Counter
from typing import Any

import msgspec
from aiohttp import web


class Standin:
    """Use it as `async with Standin() as hook:`; `status` may be changed while it runs."""

    def __init__(self) -> None:
        self.status = 200
        self.delay_seconds = 0.0
        self.bodies: list[Any] = []
        self.beats = 0
        self.url = ""

    async def __aenter__(self) -> "Standin":
        app = web.Application(client_max_size=16 * 1024**2)
        app.add_routes([web.post("/hook", self._hook), web.get("/beat", self._beat)])
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _hook(self, request: web.Request) -> web.Response:
        body = msgspec.json.decode(await request.read())
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        if self.status < 300:
            self.bodies.append(body)
        return web.Response(status=self.status)

    async def _beat(self, _: web.Request) -> web.Response:
        self.beats += 1
        return web.Response()

    def notices(self) -> list[dict[str, Any]]:
        """Return the notices that the generic webhook took, in order."""
        return [notice for body in self.bodies for notice in body["notices"]]

    def opened(self) -> Counter[str]:
        """Return how many notices say of each alert that it opened, each counted by its id."""
        by_id = {notice["notice_id"]: notice for notice in self.notices() if notice["kind"] == "OPENED"}
        return Counter(f"{notice['event']}/{notice['key']}" for notice in by_id.values())
