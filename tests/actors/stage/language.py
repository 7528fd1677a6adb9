"""What the toy service hears and says."""

from typing import ClassVar

from contracts.message import Command, Event


class Deposit(Command, frozen=True, kw_only=True):
    """Add coins; 666 makes the handler raise, 13 makes the database refuse."""

    subject: ClassVar[str] = "stage.cmd.{account}.deposit"
    account: str
    amount: int


class Move(Command, frozen=True, kw_only=True):
    subject: ClassVar[str] = "stage.cmd.{account}.move"
    account: str
    target: str
    amount: int


class RingLater(Command, frozen=True, kw_only=True):
    subject: ClassVar[str] = "stage.cmd.{account}.ring_later"
    account: str
    seconds: float
    priority: int = 0


class Rang(Event, frozen=True, kw_only=True):
    subject: ClassVar[str] = "stage.evt.{account}.rang"
    account: str
    number: int


class Deposited(Event, frozen=True, kw_only=True):
    subject: ClassVar[str] = "stage.evt.{account}.deposited"
    account: str
    balance: int
