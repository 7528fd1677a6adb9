"""A personal discount that was promised with an offer (DOMAIN §8) is said to payments again."""

from typing import ClassVar
from uuid import UUID

from contracts.message import Command


class RepeatPromise(Command, frozen=True, kw_only=True):
    """A promise is young: word of it may have been lost."""

    subject: ClassVar[str] = "promo.cmd.{player_id}.repeat_promise"
    player_id: int
    redemption_id: UUID
    """The impression's too."""
