"""The first contact: /start, with or without a deep link."""

from aiogram import Router
from aiogram.types import Message

from contracts.gameplay import ShowPlayer, View
from contracts.payments import ShopView, ShowShop
from gateway.domain.deep_link import parse_deep_link
from gateway.domain.shelf import PREMIUM
from gateway.handlers.visit import Visit
from gateway.routers.filters import Typed


def router() -> Router:
    """Return the router of this area."""
    area = Router(name="entry")
    area.message.register(on_start, Typed("start"))
    return area


async def on_start(_: Message, visit: Visit) -> None:
    """Welcome the player, or lead them to the shop. Other links are noted in the update log: nobody redeems one yet."""
    link = parse_deep_link(visit.argument.partition(" ")[0])
    if link is not None:
        visit.command = f"start {link.kind}"
    visit.introduce()
    if link is not None and link.kind == "shop":
        visit.ask(ShowShop(player_id=visit.chat.player_id, view=_shelf(link.value)))
        return
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=View.WELCOME))


def _shelf(product: str) -> ShopView:
    """Return the part of the shop where a forwarded invoice's product stands."""
    return ShopView.PREMIUM if product in PREMIUM else ShopView.SHOP
