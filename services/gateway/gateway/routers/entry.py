"""The first contact: /start, with or without a deep link."""

from aiogram import Router
from aiogram.types import Message

from contracts.gameplay import ShowPlayer, View
from gateway.domain.deep_link import parse_deep_link
from gateway.handlers.visit import Visit
from gateway.routers.filters import Typed


def router() -> Router:
    """Return the router of this area."""
    area = Router(name="entry")
    area.message.register(on_start, Typed("start"))
    return area


async def on_start(_: Message, visit: Visit) -> None:
    """Welcome the player. A deep link is noted in the update log; nobody redeems one yet: all are welcomed alike."""
    link = parse_deep_link(visit.argument)
    if link is not None:
        visit.command = f"start {link.kind}"
    visit.introduce()
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=View.WELCOME))
