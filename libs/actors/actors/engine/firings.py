"""Firings of schedules that cannot run now: one of a kind waits, whichever replica heard it; the others are over.

A schedule goes on firing while a job fails, runs, or has to be let be. If each of those firings were merely refused, it
would come back for ever, and more of them with every hour of an outage.
"""

import asyncpg

from actors.clock import Clock
from actors.engine.delivery import Delivery
from actors.engine.tables import SQL


class Firings:
    """What waits to be heard again, in the service's own schema."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> None:
        """Write down on this pool."""
        self._pool = pool
        self._clock = clock

    async def wait_seconds(self, job: str) -> float:
        """Return for how long the job must be let be because it failed; 0 or less when it may run."""
        now = self._clock.now()
        until = await self._pool.fetchval(SQL["job_waits_until"], job, now)
        return 0.0 if until is None else (until - now).total_seconds()

    async def put_off(self, job: str, firing: Delivery, *, seconds: float, failed: bool) -> bool:
        """Have a firing wait for so many seconds; returns False when another one like it waits already.

        With `failed` the whole job waits.
        """
        now = self._clock.now()
        name = firing.envelope.id
        waiting = await self._pool.fetchval(SQL["put_off_firing"], job, firing.body, name, now, seconds, failed)
        return waiting == name

    async def runs(self, job: str, firing: Delivery) -> None:
        """This firing waits no more; what fires from now on is for another run."""
        await self._pool.execute(SQL["firing_runs"], job, firing.body, firing.envelope.id)
