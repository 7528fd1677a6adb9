"""What kitchen hears and says."""

import uuid
from datetime import datetime
from typing import ClassVar

import msgspec

from contracts.message import Answered, Command, Event


class Boil(Command, frozen=True, kw_only=True):
    """An egg is to be boiled; one that is in the pot already is thrown away."""

    subject: ClassVar[str] = "kitchen.cmd.{cook}.boil"
    cook: str
    seconds: int


class FinishEgg(Command, frozen=True, kw_only=True):
    """The time of an egg is up: what kitchen's own timer delivers."""

    subject: ClassVar[str] = "kitchen.cmd.{cook}.finish_egg"
    cook: str
    egg: uuid.UUID


class ServeEgg(Command, frozen=True, kw_only=True):
    """The bell was rung: what the effect comes to."""

    subject: ClassVar[str] = "kitchen.cmd.{cook}.serve_egg"
    cook: str


class EggTakenOut(msgspec.Struct, frozen=True):
    """Answers whoever took an egg out."""

    seconds_left: int
    """Whole seconds that it would have boiled on; 0 when there was none."""


class TakeOut(Answered[EggTakenOut], frozen=True, kw_only=True):
    """An egg is to be taken out before it is done."""

    subject: ClassVar[str] = "kitchen.cmd.{cook}.take_out"
    cook: str


class BoilingBegan(Event, frozen=True, kw_only=True):
    """An egg is in the pot."""

    subject: ClassVar[str] = "kitchen.evt.{cook}.boiling_began"
    cook: str
    done_at: datetime
    """When it will be done (UTC)."""


class EggServed(Event, frozen=True, kw_only=True):
    """An egg was done, and the bell was rung for it."""

    subject: ClassVar[str] = "kitchen.evt.{cook}.egg_served"
    cook: str
