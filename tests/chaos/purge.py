"""NATS loses the events of payments before gameplay and promo took them, as a lost disk would."""

import asyncio

from contracts.subjects import stream_name
from devstack.stack import DEPLOYER, Stack

HEARERS = ("gameplay", "promo")
"""Who compares with payments afterwards what it missed."""
_STREAM = stream_name("payments", "evt")
_WAIT_SECONDS_MAX = 15.0
_LOST_MIN = 3


async def lose_events(stack: Stack) -> int:
    """Purge payments' events once some wait for each hearer; returns how many of those were lost.

    The hearers must be down meanwhile: the events have been acknowledged, and nobody else has them.
    """
    client = await stack.connect_as(DEPLOYER)
    try:
        js = client.jetstream()
        deadline = asyncio.get_running_loop().time() + _WAIT_SECONDS_MAX
        while True:
            waiting = [(await js.consumer_info(_STREAM, hearer)).num_pending or 0 for hearer in HEARERS]
            if min(waiting) >= _LOST_MIN or asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(0.2)
        await js.purge_stream(_STREAM)
        return sum(waiting)
    finally:
        await client.close()
