"""What an offer's decision costs promo, Postgres and NATS, at the pace at which players come to where one is made."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Final

from bench.draining import until_acknowledged
from bench.report import progress
from bench.surroundings import Surroundings
from bench.ticking import ticks
from bench.usage import Usage
from contracts.envelope import first_envelope
from contracts.message import encode, subject_of
from contracts.promo import ConsiderOffer, OfferSurface
from devstack.processes import Program

TAPS_PER_DECISION: Final = 20
"""An offer is decided where a player stands still: at the start, at a locked mode, when a day's 20 energy are gone."""
_FIRST_PLAYER: Final = 40_000_000
_SECONDS: Final = 20.0
_IDLE_SECONDS: Final = 10.0


async def cpu_ms(around: Surroundings, program: Program, rate: float) -> float:
    """Return the CPU ms of a decision when `rate` a second are asked for, beyond what the idle processes use.

    Every decision makes an offer, of a player who was never offered anything: an impression is written for each.
    """
    usage = Usage({"promo": program.pid, "nats": around.nats_server.pid, "postgres": around.postgres.pid})
    before = sum(usage.cpu_seconds().values())
    await asyncio.sleep(_IDLE_SECONDS)
    idle = (sum(usage.cpu_seconds().values()) - before) / _IDLE_SECONDS
    count = int(rate * _SECONDS)
    before, begun = sum(usage.cpu_seconds().values()), time.perf_counter()
    async for number in ticks(rate, count):
        await _ask(around, _FIRST_PLAYER + number)
    await until_acknowledged(around, "PROMO_CMD", "promo")
    spent = sum(usage.cpu_seconds().values()) - before - idle * (time.perf_counter() - begun)
    written = await around.admin.fetchval("select count(*) from impressions where player_id >= $1", _FIRST_PLAYER)
    if written != count:
        raise AssertionError(f"{written} impressions were written for {count} decisions")
    progress(f"  {count} offers decided, {spent * 1000 / count:.2f} ms each")
    return spent * 1000 / count


async def _ask(around: Surroundings, player_id: int) -> None:
    wanted = ConsiderOffer(
        player_id=player_id, surface=OfferSurface.EMPTY, tap=f"c:{player_id}", energy=0, is_premium=False
    )
    envelope = first_envelope(wanted, identifier=f"bench:{player_id}", time=datetime.now(UTC), source="bench")
    await around.nc.jetstream().publish(subject_of(wanted), encode(wanted), headers=envelope.headers())
