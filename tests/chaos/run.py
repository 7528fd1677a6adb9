"""One run of chaos: a crowd plays and buys, days pass for referrals, operators give back, and all that can die dies."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import asyncpg

from actors.deploying.provision import provision
from chaos.codes import made
from chaos.hurry import hurried
from chaos.operators import Operator
from chaos.partners import FAULTS as GIFT_FAULTS
from chaos.partners import GIFT, enrol, pay_out
from chaos.plan import FAULTS, REPLICAS, SERVICES, wishes
from chaos.players import Player, Tally
from chaos.readiness import Readiness
from chaos.reaper import Reaper
from chaos.referrals import INVITERS, claim_of, give_codes, let_days_pass, start_of
from contracts.payments import Product
from devstack.stack import DEPLOYER, Stack

PURCHASES_MIN = 1_000
PLAYERS = 200
STARS = 100_000
DEDUP_SECONDS = 0.1
"""The shortest window that JetStream allows: what is seen to hold holds by the inbox and the natural keys."""
_SAY_SECONDS = 10
_DAYS_SECONDS = 4


class Run:
    """One run of chaos against one stack."""

    def __init__(self, stack: Stack, session: aiohttp.ClientSession, seconds: int, seed: int) -> None:
        """Nothing has happened yet."""
        self.stack = stack
        self.session = session
        self.seconds = seconds
        self.seed = seed
        self.tally = Tally()
        self.readiness = Readiness(stack)
        self.reaper = Reaper(stack, seed, paid=lambda: self.tally.paid, readiness=self.readiness)
        self.operator = Operator(stack)
        self._began = time.monotonic()
        self.refunds: set[asyncio.Task[None]] = set()
        self.players: list[int] = []

    async def play(self) -> None:
        """Buy and die until both the time and the number of purchases are reached."""
        await self._shorten_schedules()
        # It ships off the shelf; what it gives is of a kind of its own in the books.
        ticket = {"request_id": f"ticket-{self.seed}", "product": str(Product.DUEL_TICKET_5)}
        await self.operator.ask("admin.payments.catalogue.enable", ticket)
        await asyncio.gather(*(self.stack.add_replica(name) for name in SERVICES for _ in range(REPLICAS - 1)))
        crowd_of = {"first_name": "Kim", "language_code": "de", "count": PLAYERS, "stars": STARS}
        come = await self.post("/sandbox/api/players", crowd_of)
        faults = {"seed": self.seed, "clear": True, "flood_limits": False, "faults": FAULTS + GIFT_FAULTS}
        await self.post("/sandbox/api/faults", faults)
        self.players = come["ids"]
        codes = await made(self.stack, self.operator, self.seed)
        await self._with_database(lambda connection: give_codes(connection, self.players))
        await enrol(self.operator, self.players[:INVITERS], self.seed)
        players = [
            Player(
                self.session,
                number,
                self.tally,
                lambda kind, place=place: codes.of(kind, place),
                start=start_of(place),
                claims=(claim_of(place), GIFT) if place < INVITERS else (),
            )
            for place, number in enumerate(come["ids"])
        ]
        stop = asyncio.Event()
        self._began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.reaper.run(stop))
            group.create_task(self._tell(stop))
            group.create_task(self._let_days_pass(stop))
            crowd = [
                group.create_task(player.go(wishes(self.seed, place), self._enough))
                for place, player in enumerate(players)
            ]
            while not all(one.done() for one in crowd):
                self._start_refunds()
                await asyncio.wait(crowd, timeout=1)
            stop.set()
        self._start_refunds()

    def _enough(self) -> bool:
        return time.monotonic() - self._began > self.seconds and self.tally.paid >= PURCHASES_MIN

    def _start_refunds(self) -> None:
        while self.tally.to_refund:
            self.refunds.add(asyncio.ensure_future(self.operator.refund(*self.tally.to_refund.pop())))

    async def _tell(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _SAY_SECONDS)
            done = sum(one.done() for one in self.refunds)
            deaths = ", ".join(f"{name} {count}" for name, count in self.reaper.killed.items())
            print(
                f"{time.monotonic() - self._began:5.0f} s  {self.tally.paid} paid, {self.tally.refused} refused,"
                f" {self.tally.given_up} given up, {self.tally.taps} taps, {done} of {len(self.refunds)} refunds"
                f"  killed: {deaths or 'nobody yet'}",
                flush=True,
            )

    async def _let_days_pass(self, stop: asyncio.Event) -> None:
        """Every few seconds: days pass for referrals. While Postgres is away they do not."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _DAYS_SECONDS)
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await self._with_database(let_days_pass)
                await pay_out(self.stack, self.operator)

    async def _with_database(self, act: Callable[["asyncpg.Connection[Any]"], Awaitable[None]]) -> None:
        connection = await asyncpg.connect(self.stack.postgres.dsn("starquiz"), timeout=5)
        try:
            await act(connection)
        finally:
            await connection.close(timeout=5)

    async def _shorten_schedules(self) -> None:
        client = await self.stack.connect_as(DEPLOYER)
        try:
            specs = [one for spec in self.stack.specs if (one := hurried(spec)) is not None]
            await provision(client, specs, dedup_seconds=DEDUP_SECONDS)
        finally:
            await client.close()

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Ask the sandbox for something."""
        async with self.session.post(path, json=body) as answer:
            answer.raise_for_status()
            return await answer.json()
