"""What promo must know of prices to keep a budget of Stars: payments says what they are (DOMAIN §5)."""

from actors.turn import Turn
from contracts.payments import Currency, PriceChanged
from promo.domain.prices import StarPrice
from promo.handlers.table import actor


@actor.on(PriceChanged)
def price_changed(event: PriceChanged, price: StarPrice, turn: Turn) -> None:
    """Note a price in Stars."""
    del turn
    if event.currency is Currency.XTR:
        price.change(event.amount, event.at)
