"""Composition root: what kitchen is made of. Importing it does no I/O."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from actors.engine.runtime import Dependencies, Provided
from actors.spec import ServiceSpec
from examples.kitchen.bell import Bell
from examples.kitchen.handlers import actor
from examples.kitchen.language import BoilingBegan, EggServed
from examples.kitchen.store import Pots

actor.keep(Pots())
SPEC = ServiceSpec(name="kitchen", actor=actor, on_record=(BoilingBegan, EggServed))


@asynccontextmanager
async def build(_: Dependencies) -> AsyncGenerator[Provided]:
    """Provide the bell that effects name in their signature."""
    yield Provided(resources={Bell: Bell()})
