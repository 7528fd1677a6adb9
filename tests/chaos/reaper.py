"""Kills with SIGKILL, one victim after the other, and starts it again; now and then something worse happens."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from chaos.codes import let_reservations_end
from chaos.performed import Death
from chaos.plan import SERVICES, kills
from chaos.purge import HEARERS, lose_events
from chaos.readiness import Readiness
from chaos.refusal import refuse_credits
from chaos.stampede import let_all_jobs_be_due
from devstack.natsserver import NatsServer
from devstack.postgres import Postgres
from devstack.processes import Program
from devstack.stack import Stack

_READY_SECONDS = 60
_KILLS_BETWEEN_TROUBLES = 4
_BREATH_SECONDS = 3.0


class Reaper:
    """Ends processes as the plan says, until it is told to stop."""

    def __init__(self, stack: Stack, seed: int, *, paid: Callable[[], int], readiness: Readiness) -> None:
        """Nobody has died yet; `paid` tells how many payments there were so far."""
        self.deaths: list[Death] = []
        self.refusals: list[tuple[int, int]] = []
        """For each time that the ledger refused: how many paid meanwhile, and how many charges were written down."""
        self.firings: list[int] = []
        """For each time that all jobs were due at once: how many waited together."""
        self.events_lost: list[int] = []
        """For each time that NATS lost events: how many those who hear them had not taken yet."""
        self.reservations_ended: list[int] = []
        """For each time that discounts' reservations were over while their players were buying: how many were."""
        self._paid = paid
        self._readiness = readiness
        self._stack = stack
        self._seed = seed

    @property
    def killed(self) -> dict[str, int]:
        """How often each service or server was killed."""
        return dict(sorted(Counter(death.name.partition("-")[0] for death in self.deaths).items()))

    async def run(self, stop: asyncio.Event) -> None:
        """Kill until `stop` is set and each trouble has happened; everything is up again when it returns."""
        troubles = (
            self._all_jobs_at_once,
            self._events_lost,
            self._ledger_refuses,
            self._reservations_end,
        )
        happened = 0
        for number, kill in enumerate(kills(self._seed), start=1):
            if await _set_within(stop, kill.after_seconds) and happened >= len(troubles):
                return
            with self._readiness.disturbance():
                await self._kill(kill.victim, kill.replica)
                await asyncio.sleep(kill.down_seconds)
                await self._start(kill.victim, kill.replica)
            if number % _KILLS_BETWEEN_TROUBLES == 0:
                await asyncio.sleep(_BREATH_SECONDS)
                await troubles[happened % len(troubles)]()
                happened += 1

    async def _all_jobs_at_once(self) -> None:
        """Every job of every service is due while nobody is there; then everybody comes back."""
        with self._readiness.disturbance():
            await self._down(*SERVICES)
            self.firings.append(await let_all_jobs_be_due(self._stack))
            await self._up(*SERVICES)

    async def _events_lost(self) -> None:
        with self._readiness.disturbance():
            await self._down(*HEARERS)
            self.events_lost.append(await lose_events(self._stack))
            await self._up(*HEARERS)

    async def _ledger_refuses(self) -> None:
        before = self._paid()
        written = await refuse_credits(self._stack)
        self.refusals.append((self._paid() - before, written))

    async def _reservations_end(self) -> None:
        self.reservations_ended.append(await let_reservations_end(self._stack))

    async def _down(self, *services: str) -> None:
        replicas = self._replicas(services)
        await asyncio.gather(*(one.kill() for one in replicas))
        self.deaths += [Death(one.name, datetime.now(UTC)) for one in replicas]

    async def _up(self, *services: str) -> None:
        replicas = self._replicas(services)
        await asyncio.gather(*(one.start() for one in replicas))
        await asyncio.gather(*(one.wait_ready(_READY_SECONDS) for one in replicas))

    def _replicas(self, services: tuple[str, ...]) -> list[Program]:
        return list(itertools.chain.from_iterable(self._stack.services[one] for one in services))

    async def _kill(self, victim: str, replica: int) -> None:
        program = self._stack.services[victim][replica] if victim in SERVICES else None
        if program is not None:
            await program.kill()
        else:
            await asyncio.to_thread(self._server(victim).kill)
        self.deaths.append(Death(program.name if program is not None else victim, datetime.now(UTC)))

    async def _start(self, victim: str, replica: int) -> None:
        if victim not in SERVICES:
            await asyncio.to_thread(self._server(victim).start)
            return
        program = self._stack.services[victim][replica]
        await program.start()
        await program.wait_ready(_READY_SECONDS)

    def _server(self, victim: str) -> NatsServer | Postgres:
        return self._stack.nats if victim == "nats" else self._stack.postgres


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
