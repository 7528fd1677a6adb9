"""Settling the missed days of a streak at night (DOMAIN §4); every touch settles them too, by the same function."""

from actors.turn import Turn
from contracts.berlin import day_of
from contracts.gameplay import SettleStreak
from gameplay.domain.player import Player
from gameplay.handlers import actor, arrival


@actor.on(SettleStreak)
def settle_streak(command: SettleStreak, player: Player | None, turn: Turn) -> None:
    """Settle one player's missed days up to yesterday."""
    del command
    if player is not None:
        arrival.settle(player, turn, day_of(turn.now))
