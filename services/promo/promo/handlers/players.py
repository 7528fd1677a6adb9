"""What promo must know of players to tell whom a campaign is for: since when they play, and whether they ever bought.

Both only grow, so live events and what is told again may come in any order (decision 23).
"""

from actors.turn import Turn
from contracts.gameplay import PlayerJoined, PlayerRestated
from contracts.payments import PurchaseRestated
from promo.domain.bought import Bought
from promo.domain.impression import Impression
from promo.domain.prospect import Prospect
from promo.domain.redeemer import Redeemer
from promo.handlers.prospects import hear_restated
from promo.handlers.purchases import Purchased
from promo.handlers.table import actor


@actor.on(PlayerJoined)
def player_joined(event: PlayerJoined, redeemer: Redeemer, turn: Turn) -> None:
    """Note when somebody came."""
    del turn
    redeemer.meet(event.at)


@actor.on(PlayerRestated)
def player_restated(event: PlayerRestated, redeemer: Redeemer, prospect: Prospect, turn: Turn) -> None:
    """Note when somebody came who was here before promo, and their streak."""
    del turn
    redeemer.meet(event.joined_at)
    hear_restated(event, prospect)


@actor.on(PurchaseRestated)
def purchase_restated(
    event: PurchaseRestated,
    redeemer: Redeemer,
    prospect: Prospect,
    bought: Bought | None,
    impression: Impression | None,
    turn: Turn,
) -> None:
    """Note what somebody bought before promo was here."""
    redeemer.has_bought = True
    Purchased(bought, prospect, impression).hear(event, turn)
