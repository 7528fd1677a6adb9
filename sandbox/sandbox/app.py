"""Puts the sandbox together: the only place where its parts meet."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from sandbox.acts import ActError, Acts
from sandbox.bot_api.registry import Registry
from sandbox.bot_api.server import BotApi
from sandbox.bot_api.telegram import Telegram
from sandbox.clock import Clock
from sandbox.contents import Contents
from sandbox.delivery.desk import Desk
from sandbox.delivery.mailbox import Mailbox
from sandbox.delivery.webhook import Webhook
from sandbox.faults.flood import Flood
from sandbox.faults.rules import Faults
from sandbox.json_api.contents import ContentRoutes
from sandbox.json_api.faults import FaultRoutes
from sandbox.json_api.fields import FieldError, answer
from sandbox.json_api.forge import ForgeRoutes
from sandbox.json_api.operations import OperationRoutes
from sandbox.json_api.payments import PaymentRoutes
from sandbox.json_api.players import PlayerRoutes
from sandbox.json_api.rooms import RoomRoutes
from sandbox.json_api.stars import StarRoutes
from sandbox.json_api.stream import StreamRoutes
from sandbox.json_api.taps import TapRoutes
from sandbox.page.routes import PageRoutes
from sandbox.paying import Cashier
from sandbox.rates.routes import RatesRoom
from sandbox.rooms import Rooms
from sandbox.settings import Settings
from sandbox.stats import Stats
from sandbox.stripe.room import StripeRoom
from sandbox.world.state import World

BODY_BYTES_MAX = 20 * 1024 * 1024
STOP_SECONDS = 1.0


@dataclass(slots=True, frozen=True)
class Sandbox:
    """A sandbox that is ready to be served; tests reach into `world` and `desk`."""

    settings: Settings
    world: World
    desk: Desk
    faults: Faults
    acts: Acts
    cashier: Cashier
    stripe: StripeRoom
    web_app: web.Application


def assemble(settings: Settings, clock: Clock | None = None) -> Sandbox:
    """Build everything; nothing listens yet."""
    clock = clock or Clock()
    stats = Stats()
    world = World(settings, clock, stats)
    world.add_demo_players(settings.start_players)
    faults, mailbox = Faults(stats), Mailbox(stats)
    webhook = Webhook(clock, stats, mailbox, settings.retry_scale, settings.webhook_timeout_seconds)
    desk = Desk(clock, stats, faults, webhook, mailbox)
    flood = Flood(clock, enabled=settings.flood_limits)
    registry = Registry()
    acts = Acts(world, desk)
    rooms = Rooms(world, desk, acts)
    cashier = Cashier(world, desk, faults, acts)
    stripe = StripeRoom(settings, clock)
    bot_api = BotApi(Telegram(world, desk, flood), registry, faults)
    web_app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[_clear_errors])
    web_app.router.add_route("*", r"/bot{call:.*}", bot_api.handle)
    web_app.cleanup_ctx.append(stripe.live)
    for room in (
        PlayerRoutes(world, acts),
        RoomRoutes(world, acts, rooms),
        TapRoutes(world, acts, rooms),
        ContentRoutes(Contents(world, desk, acts)),
        FaultRoutes(faults, flood, frozenset(registry.methods)),
        OperationRoutes(clock, stats, desk),
        PaymentRoutes(world, desk, acts, cashier),
        StarRoutes(world),
        ForgeRoutes(world, cashier),
        StreamRoutes(world.bus, acts, cashier),
        PageRoutes(world),
        stripe,
        RatesRoom(clock),
    ):
        web_app.router.add_routes(room.routes())
    return Sandbox(settings, world, desk, faults, acts, cashier, stripe, web_app)


class Server:
    """One start/stop contract: `start` listens, `stop` ends waiting calls and closes every connection."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._runner = web.AppRunner(
            sandbox.web_app, access_log=None, handler_cancellation=True, shutdown_timeout=STOP_SECONDS
        )
        self.port = 0

    async def start(self) -> None:
        """Listen on the set address; OSError when the port is taken. `port` tells the one in use."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._sandbox.settings.host, self._sandbox.settings.port, backlog=1024)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop delivering and serving; takes little more than a second with callers still hanging on."""
        await self._sandbox.cashier.close()
        await self._sandbox.desk.close()
        await self._runner.cleanup()


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _clear_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals of the JSON API as `{error, field?, remedy}`."""
    try:
        return await handler(request)
    except FieldError as problem:
        return answer({"error": problem.problem, "field": problem.field, "remedy": problem.remedy}, 400)
    except ActError as problem:
        return answer({"error": problem.problem, "remedy": problem.remedy}, problem.status)


async def serve(settings: Settings, stop: asyncio.Event, on_ready: Callable[[int], None]) -> None:
    """Serve until `stop` is set; `on_ready` is told the port."""
    server = Server(assemble(settings))
    await server.start()
    on_ready(server.port)
    try:
        await stop.wait()
    finally:
        await server.stop()
