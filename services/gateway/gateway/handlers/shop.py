"""Buying, and what is to be read about it."""

from contracts.payments import BuyProduct, ShopView, ShowPurchases, ShowShop
from gateway.buttons import BuyButton, DiscountButton, ShopButton
from gateway.domain.button_origin import ButtonOrigin, ButtonScreen
from gateway.handlers.visit import ForgedError, Visit
from gateway.presenter import notices


def extras(visit: Visit) -> None:
    """Show what can be bought."""
    visit.ask(ShowShop(player_id=visit.chat.player_id, view=ShopView.SHOP))


def premium(visit: Visit) -> None:
    """Show the plans of premium."""
    visit.ask(ShowShop(player_id=visit.chat.player_id, view=ShopView.PREMIUM))


def shelf(button: ShopButton, visit: Visit) -> None:
    """Show the part of the shop that the button names."""
    visit.ask(ShowShop(player_id=visit.chat.player_id, view=button.view))


def buy(button: BuyButton, visit: Visit) -> None:
    """Ask for the invoice of a product."""
    if button.place is None:
        raise ForgedError("surface")
    visit.ask(BuyProduct(player_id=visit.chat.player_id, product=button.product, surface=button.surface))


def buy_with_discount(button: DiscountButton, visit: Visit) -> None:
    """Ask for the invoice of a product with a discount."""
    visit.ask(
        BuyProduct(
            player_id=visit.chat.player_id,
            product=button.product,
            redemption_id=button.redemption_id,
            surface=ButtonOrigin(ButtonScreen.PROMO).encode(),
        )
    )


def purchases(visit: Visit) -> None:
    """Ask payments for what the player bought."""
    visit.ask(ShowPurchases(player_id=visit.chat.player_id))


def support(visit: Visit) -> None:
    """Say how to get help with a purchase."""
    visit.show(notices.support(visit.services.support_contact, visit.voice))


def terms(visit: Visit) -> None:
    """Say what is bought, and on what terms."""
    visit.show(notices.terms(visit.voice))


def privacy(visit: Visit) -> None:
    """Say what is kept of a player, and for how long."""
    visit.show(notices.privacy(visit.services.support_contact, visit.voice))
