"""Buying, and what is to be read about it: /shop, /premium, /purchases, /paysupport, /terms, /privacy."""

from aiogram import Router
from aiogram.types import Message

from contracts.payments import ShopView, ShowPurchases, ShowShop
from gateway.handlers.visit import Visit
from gateway.presenter import notices
from gateway.routers.filters import Typed


def router() -> Router:
    """Return the router of this area."""
    area = Router(name="shop")
    area.message.register(on_shop, Typed("shop"))
    area.message.register(on_premium, Typed("premium"))
    area.message.register(on_purchases, Typed("purchases"))
    area.message.register(on_paysupport, Typed("paysupport"))
    area.message.register(on_terms, Typed("terms"))
    area.message.register(on_privacy, Typed("privacy"))
    return area


async def on_shop(_: Message, visit: Visit) -> None:
    """Show what can be bought."""
    visit.ask(ShowShop(player_id=visit.chat.player_id, view=ShopView.SHOP))


async def on_premium(_: Message, visit: Visit) -> None:
    """Show the plans of premium."""
    visit.ask(ShowShop(player_id=visit.chat.player_id, view=ShopView.PREMIUM))


async def on_purchases(_: Message, visit: Visit) -> None:
    """Show the player's purchases."""
    visit.ask(ShowPurchases(player_id=visit.chat.player_id))


async def on_paysupport(_: Message, visit: Visit) -> None:
    """Say how to get help with a purchase."""
    visit.show(notices.support(visit.front.support_contact, visit.voice))


async def on_terms(_: Message, visit: Visit) -> None:
    """Say what is bought, and on what terms."""
    visit.show(notices.terms(visit.voice))


async def on_privacy(_: Message, visit: Visit) -> None:
    """Say what is kept of a player, and for how long."""
    visit.show(notices.privacy(visit.front.support_contact, visit.voice))
