"""Which reminders a player wants (DOMAIN §3, §4)."""

from actors.turn import Turn
from contracts.gameplay import ChangeSettings, SettingsChanged
from gameplay.domain.player import Player, Settings
from gameplay.handlers import actor
from gameplay.handlers.arrival import arrive


@actor.on(ChangeSettings)
def change_settings(command: ChangeSettings, player: Player, turn: Turn) -> None:
    """Switch what the command names; the rest stays as it is."""
    arrive(player, turn)
    before = player.settings
    player.settings = Settings(
        daily_push=_either(command.daily_push, before.daily_push),
        daily_reminder=_either(command.daily_reminder, before.daily_reminder),
        streak_reminder=_either(command.streak_reminder, before.streak_reminder),
    )
    turn.emit(SettingsChanged(player_id=player.id, settings=player.settings_view()))


def _either(wanted: bool | None, before: bool) -> bool:
    return before if wanted is None else wanted
