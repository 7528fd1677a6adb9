"""A player's own pages and the leaderboard: /streak, /stats, /top, /settings."""

from aiogram import Router
from aiogram.types import Message

from contracts.gameplay import Period, ShowLeaderboard, ShowPlayer, View
from gateway.handlers.visit import Visit
from gateway.routers.filters import Typed


def router() -> Router:
    """Return the router of this area."""
    area = Router(name="pages")
    area.message.register(on_streak, Typed("streak"))
    area.message.register(on_stats, Typed("stats"))
    area.message.register(on_top, Typed("top"))
    area.message.register(on_settings, Typed("settings"))
    return area


async def on_streak(_: Message, visit: Visit) -> None:
    """Show the streak."""
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=View.STREAK))


async def on_stats(_: Message, visit: Visit) -> None:
    """Show the statistics."""
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=View.STATS))


async def on_top(_: Message, visit: Visit) -> None:
    """Show today's leaderboard."""
    visit.ask(ShowLeaderboard(player_id=visit.chat.player_id, period=Period.DAY))


async def on_settings(_: Message, visit: Visit) -> None:
    """Show the switches."""
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=View.SETTINGS))
