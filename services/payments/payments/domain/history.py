"""What a player sees of what they bought."""

import msgspec

from contracts.payments import PurchaseView


class History(msgspec.Struct, frozen=True):
    """A player's last purchases that came to something, newest first."""

    player_id: int
    purchases: tuple[PurchaseView, ...] = ()
