"""Jobs that run every second instead of every few minutes: nobody who plays by script waits for those."""

import copy

import msgspec

from actors.deploying.provision import provision
from actors.schedules import Every
from devstack.stack import DEPLOYER, Stack


async def hurry(stack: Stack, *jobs: str) -> None:
    """Have these jobs of referrals run every second from now on."""
    (spec,) = [one for one in stack.specs if one.name == "referrals"]
    actor = copy.copy(spec.actor)
    actor.schedules = {name: copy.copy(job) for name, job in actor.schedules.items() if name in jobs}
    for job in actor.schedules.values():
        job.schedule = Every(1)
    client = await stack.connect_as(DEPLOYER)
    try:
        await provision(client, [msgspec.structs.replace(spec, actor=actor)])
    finally:
        await client.close()
