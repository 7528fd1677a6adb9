"""A player's own pages, the leaderboards, and the switches of what they are reminded of."""

from typing import Any

from contracts.gameplay import ChangeSettings, Period, ShowLeaderboard, ShowPlayer, View
from gateway.buttons import SettingButton, TopButton, ViewButton
from gateway.handlers.visit import ForgedError, Visit
from gateway.presenter.pages import SETTINGS


def streak(visit: Visit) -> None:
    """Ask gameplay for the page of the streak."""
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=View.STREAK))


def stats(visit: Visit) -> None:
    """Ask gameplay for the page of statistics; those of referrals follow it."""
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=View.STATS))


def settings(visit: Visit) -> None:
    """Ask gameplay for the page of switches."""
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=View.SETTINGS))


def view(button: ViewButton, visit: Visit) -> None:
    """Show the page that the button names."""
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=button.view))


def top(visit: Visit) -> None:
    """Ask gameplay for today's leaderboard."""
    visit.ask(ShowLeaderboard(player_id=visit.chat.player_id, period=Period.DAY))


def top_of(button: TopButton, visit: Visit) -> None:
    """Show the leaderboard of the button's period."""
    visit.ask(ShowLeaderboard(player_id=visit.chat.player_id, period=button.period))


def switch(button: SettingButton, visit: Visit) -> None:
    """Switch one reminder on or off."""
    if button.name not in SETTINGS:
        raise ForgedError("setting")
    setting: dict[str, Any] = {button.name: button.on}
    visit.ask(ChangeSettings(player_id=visit.chat.player_id, **setting))
