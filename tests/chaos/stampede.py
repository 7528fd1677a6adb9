"""All jobs of all services are due at once, as after an outage over the full hour at 03:30."""

import asyncio
from datetime import UTC, datetime, timedelta

from nats.aio.client import Client

from actors.schedules import ScheduledJob
from contracts.envelope import ID, SOURCE, TIME, TYPE
from contracts.message import shape_of
from contracts.subjects import due_subject, stream_name, timer_subject
from devstack.stack import DEPLOYER, Stack

_DUE_SECONDS = 2
_LOOK_SECONDS = 0.2
_LOOKS_MAX = 100


async def let_all_jobs_be_due(stack: Stack) -> int:
    """Have the server fire every schedule once; returns how many when all of them wait in their streams.

    Nobody may be there to take them meanwhile: that they wait together is the point.
    """
    client = await stack.connect_as(DEPLOYER)
    try:
        when = datetime.now(UTC) + timedelta(seconds=_DUE_SECONDS)
        for spec in stack.specs:
            for job in spec.actor.schedules.values():
                await fire(client, spec.name, job, when)
        wanted = sum(len(spec.actor.schedules) for spec in stack.specs)
        for _ in range(_LOOKS_MAX):
            if await _fired(client, stack) >= wanted:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return await _fired(client, stack)
    finally:
        await client.close()


async def fire(client: Client, service: str, job: ScheduledJob[...], when: datetime) -> None:
    """Store one schedule that fires once. Its subject is not that of the job's own schedule, which stays."""
    name = job.name
    headers = {
        "Nats-Schedule": when.strftime("@at %Y-%m-%dT%H:%M:%SZ"),
        "Nats-Schedule-Target": due_subject(service, name),
        ID: f"chaos:{service}.{name}:{when.timestamp():.0f}",
        TYPE: shape_of(job.kind).type_name,
        SOURCE: service,
        TIME: when.isoformat(),
    }
    await client.jetstream().publish(timer_subject(service, f"chaos.{name}"), b"{}", headers=headers, timeout=5)


async def _fired(client: Client, stack: Stack) -> int:
    """Return how many jobs have a firing waiting in its stream."""
    count = 0
    for spec in stack.specs:
        stream = stream_name(spec.name, "due")
        info = await client.jetstream().stream_info(stream, subjects_filter=due_subject(spec.name, "*"))
        count += len(info.state.subjects or {})
    return count
