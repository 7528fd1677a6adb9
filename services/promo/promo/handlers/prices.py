"""What promo must know of prices to keep a budget of Stars: payments says what they are, and is asked (DOMAIN §5)."""

import structlog

from actors.asking import QueryError
from actors.jobs import Job
from actors.turn import Turn
from contracts.payments import Currency, PriceChanged
from promo.domain.prices import NoteStarPrice, StarPrice
from promo.handlers.table import actor
from promo.providers.payments_books import PaymentsBooks

log = structlog.get_logger()


@actor.on(PriceChanged)
def price_changed(event: PriceChanged, price: StarPrice, turn: Turn) -> None:
    """Note a price in Stars."""
    del turn
    if event.currency is Currency.XTR:
        price.change(event.amount, event.at)


@actor.every(3600, name="star_prices")
async def ask_for_prices(job: Job) -> None:
    """Hourly: ask for all prices. Word of a change may be lost, or have been said before promo was here."""
    try:
        prices = await job.resource(PaymentsBooks).star_prices()
    except QueryError as error:
        log.warning("prices_not_asked", error=str(error))
        return
    await job.take([NoteStarPrice(product=one.product, amount=one.amount, valid_from=one.valid_from) for one in prices])


@actor.on(NoteStarPrice)
def note_star_price(command: NoteStarPrice, price: StarPrice) -> None:
    """Note a price, unless a later one is known."""
    price.change(command.amount, command.valid_from)
