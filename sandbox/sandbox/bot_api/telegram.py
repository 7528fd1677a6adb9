"""What a Bot API method may use: the world, the updates on their way, and the flood limits."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sandbox.delivery.update_queue import UpdateQueue
from sandbox.faults.flood import Flood
from sandbox.world.state import World

Arguments = dict[str, Any]


@dataclass(slots=True)
class Telegram:
    """The parts of this Telegram that methods act on."""

    world: World
    updates: UpdateQueue
    flood: Flood


Handler = Callable[[Telegram, Arguments], Any | Awaitable[Any]]
"""Takes checked arguments, returns the `result` of the answer, raises ApiError. Only a few need to wait."""
