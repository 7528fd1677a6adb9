"""What promo must know of players to tell whom a campaign is for: since when they play, and whether they ever bought.

Both only grow, so live events and what is told again may come in any order (decision 23).
"""

from actors.turn import Turn
from contracts.gameplay import PlayerJoined, PlayerRestated
from contracts.payments import PurchaseRestated
from promo.domain.redeemer import Redeemer
from promo.handlers.table import actor


@actor.on(PlayerJoined)
def player_joined(event: PlayerJoined, redeemer: Redeemer, turn: Turn) -> None:
    """Note when somebody came."""
    del turn
    redeemer.meet(event.at)


@actor.on(PlayerRestated)
def player_restated(event: PlayerRestated, redeemer: Redeemer, turn: Turn) -> None:
    """Note when somebody came who was here before promo."""
    del turn
    redeemer.meet(event.joined_at)


@actor.on(PurchaseRestated)
def purchase_restated(event: PurchaseRestated, redeemer: Redeemer, turn: Turn) -> None:
    """Note that somebody bought before promo was here."""
    del event, turn
    redeemer.has_bought = True
