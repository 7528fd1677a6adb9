"""What the shop shows: the shelf, and a player's own purchases."""

from actors.turn import Turn
from contracts.payments import (
    BuyRefusal,
    Currency,
    Product,
    PurchasesShown,
    ShopItem,
    ShopShown,
    ShopView,
    ShowPurchases,
    ShowShop,
)
from payments.domain.catalogue import Catalogue
from payments.domain.customer import Customer
from payments.domain.history import History
from payments.domain.products import gives
from payments.handlers.table import actor


@actor.on(ShowShop)
def show_shop(command: ShowShop, customer: Customer, catalogue: Catalogue, turn: Turn) -> None:
    """Say what stands on the shelf at which price, and what cannot be bought now and why."""
    shelf = [p for p in catalogue.on_sale() if command.view is ShopView.SHOP or gives(p).premium_days]
    running = customer.premium.active(turn.now)
    offers = (_offer(product, customer, catalogue, turn) for product in shelf)
    turn.emit(
        ShopShown(
            player_id=command.player_id,
            view=command.view,
            offers=tuple(offer for offer in offers if offer is not None),
            premium_rank=0 if running is None else running.rank,
            premium_until=None if running is None else running.ends,
        )
    )


@actor.on(ShowPurchases)
def show_purchases(command: ShowPurchases, history: History, turn: Turn) -> None:
    """Say what the player bought."""
    turn.emit(PurchasesShown(player_id=command.player_id, purchases=history.purchases))


def _offer(product: Product, customer: Customer, catalogue: Catalogue, turn: Turn) -> ShopItem | None:
    """Return a product with its price in Stars; None when it has none."""
    price = catalogue.price(product, Currency.XTR)
    if price is None:
        return None
    barred = customer.barred(product, turn.now)
    refusal: BuyRefusal | None = None if barred is None else barred.reason
    return ShopItem(
        product=product, amount=price.amount, refusal=refusal, until=None if barred is None else barred.until
    )
