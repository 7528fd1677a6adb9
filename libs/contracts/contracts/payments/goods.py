"""What was granted, compared with what gameplay holds: when that is due, and what an operator decides (DOMAIN §6)."""

from typing import ClassVar
from uuid import UUID

from contracts.message import Command
from contracts.payments.vocabulary import GoodsSettlement


class CompareGoods(Command, frozen=True, kw_only=True):
    """Compare now what was granted with what gameplay holds (DOMAIN §6); the reply names the run and no more."""

    subject: ClassVar[str] = "payments.cmd.{scope}.compare_goods"
    scope: str
    """`changed` or `full`."""


class SettleGoods(Command, frozen=True, kw_only=True):
    """A person has looked at a grant on which payments and gameplay differ, and decides what becomes of it."""

    subject: ClassVar[str] = "payments.cmd.{grant_id}.settle_goods"
    grant_id: UUID
    player_id: int
    """Who has it at gameplay."""
    kind: GoodsSettlement
    note: str


class TellPremium(Command, frozen=True, kw_only=True):
    """Tell gameplay of a player's premium as it stands here, with a revision above all that it may know."""

    subject: ClassVar[str] = "payments.cmd.{player_id}.tell_premium"
    player_id: int
    above: int = 0
    """The highest revision that gameplay knows; 0 for the one that is known here."""
