"""Pushes and reminders to players who want them (DOMAIN §3, §4)."""

from typing import assert_never

from actors.turn import Turn
from contracts.berlin import BerlinDay, day_of
from contracts.gameplay import Reminder, ReminderDue, RemindPlayer
from gameplay.domain import streak
from gameplay.domain.player import Player
from gameplay.handlers import actor, arrival


@actor.on(RemindPlayer)
def remind_player(command: RemindPlayer, player: Player | None, turn: Turn) -> None:
    """Remind a player if they still want and need it; a reminder about another day has lapsed."""
    today = day_of(turn.now)
    if player is None or command.day != today.local:
        return
    arrival.settle(player, turn, today)
    if _is_due(command.reminder, player, today):
        turn.emit(
            ReminderDue(
                player_id=player.id,
                reminder=command.reminder,
                streak=player.streak_view(today.local),
                day=command.day,
            )
        )


def _is_due(reminder: Reminder, player: Player, today: BerlinDay) -> bool:
    match reminder:
        case Reminder.DAILY_PUSH:
            return player.settings.daily_push and not player.daily_done(today.local)
        case Reminder.DAILY_REMINDER:
            return player.settings.daily_reminder and not player.daily_done(today.local)
        case Reminder.STREAK_AT_RISK:
            return player.settings.streak_reminder and streak.is_worth_reminding(player.streak, today.local)
        case _:
            assert_never(reminder)
