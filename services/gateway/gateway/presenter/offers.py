"""Offers as players see them: a few words, what is to be had, and two ways to be rid of it (DOMAIN §8)."""

from uuid import UUID

from contracts.gameplay import Mode
from contracts.ids import short
from contracts.payments import Currency, DiscountHeld, OfferNote, Product
from contracts.promo import OfferMade
from gateway.buttons import OfferAwayButton, OfferButton
from gateway.domain.screen import Button, Keyboard, Screen
from gateway.presenter import amounts, keyboard
from gateway.presenter.promo import discounted
from gateway.texts import Voice


def offer_made(event: OfferMade, voice: Voice) -> Screen:
    """An offer at the usual prices."""
    mode = "" if event.mode is None else event.mode.value
    rows: Keyboard = tuple((_buy(product, event.impression_id, mode, voice),) for product in event.products)
    return Screen(
        text=_text(event.trigger, voice),
        keyboard=(*rows, _ways_out(event.impression_id, voice)),
        is_silent=not event.is_blocking,
    )


def offer_discounted(event: DiscountHeld, offer: OfferNote, voice: Voice) -> Screen:
    """An offer with a discount for this player alone: old and new price, and until when."""
    mode = offer.mode if offer.mode in Mode.__members__ else ""
    head = voice.html("offer-discount", percent=str(event.percent), until=amounts.moment(voice, event.reserved_until))
    lines = (discounted(one, voice) for one in event.products)
    rows: Keyboard = tuple(
        (_buy(one.product, event.redemption_id, mode, voice, stars=one.amount),) for one in event.products
    )
    return Screen(
        text="\n".join((_text(offer.trigger, voice), "", head, *lines)),
        keyboard=(*rows, _ways_out(event.redemption_id, voice)),
        is_silent=not offer.is_blocking,
    )


def _text(trigger: str, voice: Voice) -> str:
    """Return an offer's own text; one that is newer than the catalogue has the text of any."""
    key = f"offer-{trigger}"
    return voice.html(key if voice.has(key) else "offer-any")


def _buy(product: Product, impression_id: UUID, mode: str, voice: Voice, *, stars: int = 0) -> Button:
    name = voice.plain(f"product-{product.value}")
    data = OfferButton(product=product, impression=short(impression_id), discount=stars > 0, mode=mode)
    if not stars:
        return keyboard.button(voice, "button-buy", data, keyboard.BUY, product=name)
    price = amounts.price(voice, stars, Currency.XTR)
    return keyboard.button(voice, "button-buy-price", data, keyboard.BUY, product=name, price=price)


def _ways_out(impression_id: UUID, voice: Voice) -> tuple[Button, ...]:
    own = short(impression_id)
    return (
        keyboard.button(voice, "button-offer-away", OfferAwayButton(impression=own, mute=False)),
        keyboard.button(voice, "button-offer-mute", OfferAwayButton(impression=own, mute=True)),
    )
