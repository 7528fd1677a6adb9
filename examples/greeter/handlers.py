"""Define: what is said, what is remembered, what happens."""

from typing import ClassVar

import msgspec

from actors.actor import Actor
from actors.turn import Turn
from contracts.message import Command, Event


class Greet(Command, frozen=True, kw_only=True):
    """Somebody is to be greeted."""

    subject: ClassVar[str] = "greeter.cmd.{name}.greet"
    name: str


class Greeted(Event, frozen=True, kw_only=True):
    """Somebody was greeted, and how often by now."""

    subject: ClassVar[str] = "greeter.evt.{name}.greeted"
    name: str
    times: int


class Guest(msgspec.Struct):
    """A state: one row, locked while a handler has it."""

    name: str
    times: int = 0


actor = Actor("greeter")


@actor.on(Greet)
def greet(_: Greet, guest: Guest, turn: Turn) -> None:
    """Count the greeting and tell of it."""
    guest.times += 1
    turn.emit(Greeted(name=guest.name, times=guest.times))
