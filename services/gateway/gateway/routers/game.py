"""Playing: /play and /daily."""

from aiogram import Router
from aiogram.types import Message

from contracts.gameplay import Mode, ShowPlayer, StartGame, View
from gateway.handlers.visit import Visit
from gateway.routers.filters import Typed


def router() -> Router:
    """Return the router of this area."""
    area = Router(name="game")
    area.message.register(on_play, Typed("play"))
    area.message.register(on_daily, Typed("daily"))
    return area


async def on_play(_: Message, visit: Visit) -> None:
    """Show the menu of modes."""
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=View.MENU))


async def on_daily(_: Message, visit: Visit) -> None:
    """Start or resume today's challenge."""
    visit.ask(StartGame(player_id=visit.chat.player_id, mode=Mode.DAILY_CHALLENGE))
