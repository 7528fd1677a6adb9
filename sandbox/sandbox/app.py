"""Puts the sandbox together: the only place where its parts meet."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from sandbox.bot_api.registry import Registry
from sandbox.bot_api.server import BotApi
from sandbox.bot_api.telegram import Telegram
from sandbox.clock import Clock
from sandbox.contents import Contents
from sandbox.delivery.pending_updates import PendingUpdates
from sandbox.delivery.update_queue import UpdateQueue
from sandbox.delivery.webhook import Webhook
from sandbox.faults.flood import Flood
from sandbox.faults.rules import Faults
from sandbox.group_actions import GroupActions
from sandbox.invoice_actions import InvoiceActions
from sandbox.json_api.contents import ContentRoutes
from sandbox.json_api.faults import FaultRoutes
from sandbox.json_api.fields import FieldError, answer
from sandbox.json_api.forge import ForgeRoutes
from sandbox.json_api.groups import GroupRoutes
from sandbox.json_api.operations import OperationRoutes
from sandbox.json_api.payments import PaymentRoutes
from sandbox.json_api.players import PlayerRoutes
from sandbox.json_api.stars import StarRoutes
from sandbox.json_api.stream import StreamRoutes
from sandbox.json_api.taps import TapRoutes
from sandbox.oncall.app import OncallApp
from sandbox.page.routes import PageRoutes
from sandbox.player_actions import ActionError, PlayerActions
from sandbox.rates.routes import RatesApp
from sandbox.settings import Settings
from sandbox.stats import Stats
from sandbox.stripe.app import StripeApp
from sandbox.world.state import World

BODY_BYTES_MAX = 20 * 1024 * 1024
STOP_SECONDS = 1.0


@dataclass(slots=True, frozen=True)
class Sandbox:
    """A sandbox that is ready to be served; tests reach into `world` and `updates`."""

    settings: Settings
    world: World
    updates: UpdateQueue
    faults: Faults
    actions: PlayerActions
    invoices: InvoiceActions
    stripe: StripeApp
    oncall: OncallApp
    web_app: web.Application


def assemble(settings: Settings, clock: Clock | None = None) -> Sandbox:
    """Build everything; nothing listens yet."""
    clock = clock or Clock()
    stats = Stats()
    world = World(settings, clock, stats)
    world.add_demo_players(settings.start_players)
    faults, pending = Faults(stats), PendingUpdates(stats)
    webhook = Webhook(clock, stats, pending, settings.retry_scale, settings.webhook_timeout_seconds)
    updates = UpdateQueue(clock, stats, faults, webhook, pending)
    flood = Flood(clock, enabled=settings.flood_limits)
    registry = Registry()
    actions = PlayerActions(world, updates)
    rooms = GroupActions(world, updates, actions)
    invoices = InvoiceActions(world, updates, faults, actions)
    stripe, oncall = StripeApp(settings, clock), OncallApp(settings, clock)
    bot_api = BotApi(Telegram(world, updates, flood), registry, faults)
    web_app = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[_clear_errors])
    web_app.router.add_route("*", r"/bot{call:.*}", bot_api.handle)
    web_app.cleanup_ctx.extend([stripe.live, oncall.live])
    for room in (
        PlayerRoutes(world, actions),
        GroupRoutes(world, actions, rooms),
        TapRoutes(world, actions, rooms),
        ContentRoutes(Contents(world, updates, actions)),
        FaultRoutes(faults, flood, frozenset(registry.methods)),
        OperationRoutes(clock, stats, updates),
        PaymentRoutes(world, updates, actions, invoices),
        StarRoutes(world),
        ForgeRoutes(world, invoices),
        StreamRoutes(world.bus, actions, invoices),
        PageRoutes(world),
        stripe,
        oncall,
        RatesApp(clock),
    ):
        web_app.router.add_routes(room.routes())
    return Sandbox(settings, world, updates, faults, actions, invoices, stripe, oncall, web_app)


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
        await self._sandbox.invoices.close()
        await self._sandbox.updates.close()
        await self._runner.cleanup()


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _clear_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals of the JSON API as `{error, field?, remedy}`."""
    try:
        return await handler(request)
    except FieldError as problem:
        return answer({"error": problem.problem, "field": problem.field, "remedy": problem.remedy}, 400)
    except ActionError as problem:
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
