"""The first contact, and what leads to it: /start with or without a deep link, words that are no command, a group."""

from contracts.gameplay import ShowPlayer, View
from contracts.payments import ShopView, ShowShop
from gateway.domain.shop_layout import PREMIUM
from gateway.handlers.visit import Visit
from gateway.presenter import answers


def welcome(visit: Visit) -> None:
    """Welcome the player. A link that nothing here opens is noted in the update log: nobody redeems it yet."""
    visit.introduce()
    visit.ask(ShowPlayer(player_id=visit.chat.player_id, view=View.WELCOME))


def open_shop(visit: Visit) -> None:
    """Lead to the part of the shop where a forwarded invoice's product stands."""
    visit.introduce()
    product = "" if visit.link is None else visit.link.value
    view = ShopView.PREMIUM if product in PREMIUM else ShopView.SHOP
    visit.ask(ShowShop(player_id=visit.chat.player_id, view=view))


def nudge(visit: Visit) -> None:
    """Lead from plain words, pictures and all else towards the buttons."""
    visit.show(answers.nudge(visit.voice))


def lead_to_private_chat(visit: Visit) -> None:
    """Show the way out of a group, where nobody plays."""
    visit.show(answers.group(visit.services.bot_username, visit.voice))
