"""What happens first whenever a player does something: they are known, and time has passed for them."""

from actors.turn import Turn
from contracts.berlin import BerlinDay, day_of
from contracts.gameplay import PlayerJoined, StreakChanged
from gameplay.domain import energy
from gameplay.domain.journal import Asset, Entry
from gameplay.domain.player import Player


def arrive(player: Player, turn: Turn) -> BerlinDay:
    """Make a newcomer a player, let time pass for everyone (DOMAIN §2, §4), and return today."""
    today = day_of(turn.now)
    if player.joined_at is None:
        join(player, turn, today)
    settle(player, turn, today)
    return today


def join(player: Player, turn: Turn, today: BerlinDay) -> None:
    """Make somebody who was not heard of before a player."""
    player.joined_at = turn.now
    player.energy = energy.full(turn.now, today)
    turn.emit(PlayerJoined(player_id=player.id, at=turn.now))


def settle(player: Player, turn: Turn, today: BerlinDay) -> None:
    """Bring energy and streak up to date and say what became of missed days."""
    settled = player.settle(turn.now, today)
    if not settled.changed:
        return
    if settled.savers_used:
        turn.record(
            Entry(
                cause=f"settle:{player.id}:{today.local}",
                asset=Asset.SAVER_TOKEN,
                player_id=player.id,
                amount=-settled.savers_used,
                reason="streak",
                at=turn.now,
            )
        )
    turn.emit(
        StreakChanged(
            player_id=player.id,
            streak=player.streak_view(today.local),
            savers_used=settled.savers_used,
            days_frozen=settled.days_frozen,
            lost_days=settled.lost_days,
            berlin_day=today.local,
        )
    )
