"""`/healthz` (the process lives), `/readyz` (it can work) and `/metrics`, on one port of each process."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Check = Callable[[], Awaitable[str]]
"""Returns what keeps the process from working, or an empty text."""


class StatusServer:
    """The status port of one process."""

    def __init__(self, *, host: str, port: int, check: Check) -> None:
        """Listen on `host`:`port` (0: a free port); `check` decides readiness."""
        self._host = host
        self._port = port
        self._check = check
        self._runner: web.AppRunner | None = None

    async def start(self) -> int:
        """Start listening; returns the port."""
        app = web.Application()
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        address: tuple[str, int] = self._runner.addresses[0]
        return address[1]

    async def stop(self) -> None:
        """Stop listening, and wait for answers that are under way."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _health(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, _: web.Request) -> web.Response:
        obstacle = await self._check()
        return web.Response(text=f"{obstacle or 'ready'}\n", status=503 if obstacle else 200)

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})
