"""What payments tells itself to say once more: each event is made from its own books, so it says what stands there."""

from typing import ClassVar
from uuid import UUID

from contracts.message import Command


class TellGrantAgain(Command, frozen=True, kw_only=True):
    """Tell gameplay again of a grant as the ledger has it: that it was given, or that it is taken back."""

    subject: ClassVar[str] = "payments.cmd.{grant_id}.tell_grant_again"
    grant_id: UUID


class TellPremiumAgain(Command, frozen=True, kw_only=True):
    """Tell gameplay again of a player's premium as it stands."""

    subject: ClassVar[str] = "payments.cmd.{player_id}.tell_premium_again"
    player_id: int
