"""What gameplay can tell again to a service that comes late: its players (DOMAIN §7–§9 want to know them)."""

from datetime import datetime

from asyncpg import Record

from contracts.gameplay import ModeLevel, PlayerRestated
from gameplay.domain.levels import ADAPTIVE_MODES
from gameplay.handlers import actor
from gameplay.store.players import PLAYERS, RESTATED_PAGE


@actor.restate("players", page=RESTATED_PAGE, event=PlayerRestated)
def restate_player(row: Record, hearer: str, as_of: datetime) -> PlayerRestated:
    """Tell of a player what grows, and what stays."""
    *columns, first_at, second_at, twentieth_at = row
    player = PLAYERS.state_of(columns)
    levels = [(one.mode, one.level) for one in player.modes if one.mode in ADAPTIVE_MODES]
    return PlayerRestated(
        hearer=hearer,
        player_id=player.id,
        joined_at=player.joined_at or as_of,
        language=player.language,
        answered=player.tally.answered,
        right=player.tally.right,
        levels=tuple(ModeLevel(mode=mode, level=level) for mode, level in sorted(levels) if level is not None),
        best_streak=player.streak.best,
        active_on=player.streak.active_on,
        streak_days=player.streak.days,
        streak_settled_on=player.streak.settled_on,
        first_day_at=first_at,
        second_day_at=second_at,
        twentieth_at=twentieth_at,
        as_of=as_of,
    )
