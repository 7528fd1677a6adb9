"""One way to start and stop, for every service.

Start: status port → Postgres → NATS → the service's resources → lanes, effects, jobs, endpoints → pulls → ingresses.
Stop (SIGTERM, SIGINT): ingresses → endpoints → pulling → jobs and effects under way → the last turns, published and
acknowledged → connections. Exit code 0 within ten seconds.
"""

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol, TypeVar

import asyncpg
import msgspec
import structlog
import uvloop
from nats.aio.client import Client

from actors.asking import Asker
from actors.clock import Clock, SystemClock
from actors.deploying.provision import ProvisionError
from actors.engine import logs
from actors.engine.connecting import connect_nats, connect_one, connect_postgres
from actors.engine.engine import Engine
from actors.engine.http_server import StatusServer
from actors.engine.publisher import Publisher
from actors.settings import Settings
from actors.spec import ServiceSpec, SpecError

log = structlog.get_logger()


class Ingress(Protocol):
    """Where the outside world comes in: started last, stopped first."""

    async def start(self) -> None:
        """Let the world in; returns when it can come."""
        ...

    async def stop(self) -> None:
        """Let nobody in any more; finish with those who are."""
        ...

    def obstacle(self) -> str:
        """Return what keeps it from letting the world in; empty when nothing does. Asked once it was started."""
        ...


class Dependencies(msgspec.Struct, frozen=True, kw_only=True):
    """What the ground hands to a service's composition root."""

    settings: Any
    pool: "asyncpg.Pool[asyncpg.Record]"
    nc: Client
    publisher: Publisher
    asker: Asker
    clock: Clock


class Provided(msgspec.Struct, frozen=True, kw_only=True):
    """What a service's composition root hands back."""

    resources: Mapping[type, Any] = msgspec.field(default_factory=dict[type, Any])
    """By the type that handlers' and effects' signatures name."""
    ingresses: Sequence[Ingress] = ()


S = TypeVar("S", bound=Settings)
Build = Callable[[Dependencies], AbstractAsyncContextManager[Provided]]


_GC_THRESHOLDS = (20_000, 20, 50)
"""Instead of (700, 10, 10), with which looking for circles took a fifteenth of the gateway's time."""


class StartError(Exception):
    """The service cannot start; the text says what to do."""


def main(spec: ServiceSpec, settings: Settings, build: Build) -> int:
    """Run a service until it is told to stop; returns the process's exit code."""
    logs.configure(spec.name, replica=settings.replica, level=settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run(spec, settings, build))


async def run(spec: ServiceSpec, settings: Settings, build: Build, *, clock: Clock | None = None) -> int:
    """Run a service until SIGTERM or SIGINT (0), or until it cannot go on (1)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with running(spec, settings, build, clock=clock or SystemClock()) as service:
            ended = asyncio.create_task(stop.wait())
            await asyncio.wait([ended, service.broken], return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
            if service.broken.done():
                raise StartError(service.broken.result())
            log.info("stopping")
    except (StartError, ProvisionError, SpecError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.error("service_ended", error=f"{type(error).__name__}: {error}")
        sys.stderr.write(f"{spec.name}: {error}\n")
        return 1
    log.info("stopped")
    return 0


class Running:
    """A running service, as seen from outside."""

    def __init__(self) -> None:
        self.port = 0
        self.broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Resolves with the reason when the service cannot go on."""
        self.made: Engine | None = None
        """The engine, started or not."""
        self.engine: Engine | None = None
        """The engine, once it and all ingresses are started."""
        self.ingresses: Sequence[Ingress] = ()

    def fail(self, reason: str) -> None:
        """Say that the service cannot go on."""
        if not self.broken.done():
            self.broken.set_result(reason)

    def on_denied(self, reason: str) -> None:
        """Take note that NATS denied something; a service that has not started yet will not."""
        log.critical("nats_denied", reason=reason)
        if self.made is None or not self.made.started:
            self.fail(f"NATS denies what the service needs: {reason}. Provision again (the deploy step)")

    def on_reconnected(self) -> None:
        """Have the engine pull anew: NATS forgot what it was asked for."""
        if self.made is not None:
            self.made.on_reconnected()

    async def obstacle(self) -> str:
        """Return what keeps the service from working; empty when nothing does."""
        if self.engine is None:
            return "starting"
        return await self.engine.obstacle() or next(filter(None, (one.obstacle() for one in self.ingresses)), "")


@asynccontextmanager
async def running(spec: ServiceSpec, settings: Settings, build: Build, *, clock: Clock) -> AsyncGenerator[Running]:
    """Start a service, yield it `Running`, stop it. Raises StartError when it cannot start."""
    service = Running()
    async with contextlib.AsyncExitStack() as stack:
        status = StatusServer(host=settings.http_host, port=settings.http_port, check=service.obstacle)
        service.port = await status.start()
        stack.push_async_callback(status.stop)
        log.info("http_listening", port=service.port)
        means = await _connect(stack, spec, settings, clock, service)
        built = await stack.enter_async_context(build(means))
        engine = Engine(
            spec,
            settings,
            nc=means.nc,
            pool=means.pool,
            publisher=means.publisher,
            clock=clock,
            resources=built.resources,
            connect=lambda: connect_one(settings),
            on_broken=service.fail,
        )
        service.made = engine
        stack.push_async_callback(engine.stop)
        await _start_or_break(engine, service)
        for ingress in built.ingresses:
            stack.push_async_callback(ingress.stop)
            await ingress.start()
        service.ingresses = built.ingresses
        service.engine = engine
        # What lives as long as the process is never looked through again, and a turn's structs go by their counts.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        log.info("ready", lanes=spec.lane_names())
        yield service


async def _connect(
    stack: contextlib.AsyncExitStack, spec: ServiceSpec, settings: Settings, clock: Clock, service: Running
) -> Dependencies:
    """Connect to Postgres, then to NATS; `stack` closes both."""
    pool = await connect_postgres(settings, spec.name)
    stack.push_async_callback(_close_pool, pool)
    nc = await connect_nats(settings, spec.name, on_denied=service.on_denied, on_reconnected=service.on_reconnected)
    stack.push_async_callback(_close_nats, nc)
    publisher = Publisher(nc)
    await publisher.start()
    asker = Asker(nc, publisher, clock=clock, service=spec.name)
    await asker.start()
    return Dependencies(settings=settings, pool=pool, nc=nc, publisher=publisher, asker=asker, clock=clock)


async def _start_or_break(engine: Engine, service: Running) -> None:
    """Start the engine; a permission violation during the start ends it with its reason rather than a time-out."""
    starting = asyncio.create_task(engine.start())
    await asyncio.wait([starting, service.broken], return_when=asyncio.FIRST_COMPLETED)
    if not service.broken.done() and starting.exception() is not None:
        # A denied request times out a moment before or after its reason arrives.
        await asyncio.wait([service.broken], timeout=0.5)
    if service.broken.done():
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        raise StartError(service.broken.result())
    await starting


async def _close_nats(nc: Client) -> None:
    with contextlib.suppress(Exception):
        await asyncio.wait_for(nc.drain(), 2)
    with contextlib.suppress(Exception):
        await nc.close()


async def _close_pool(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    try:
        await asyncio.wait_for(pool.close(), 3)
    except TimeoutError:
        pool.terminate()
