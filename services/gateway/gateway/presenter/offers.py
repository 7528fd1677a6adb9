"""Offers as players see them: a few words, what is to be had, and two ways to be rid of it (DOMAIN §8)."""

from uuid import UUID

from contracts.ids import short
from contracts.payments import Currency, Product
from contracts.promo import OfferMade
from gateway.buttons import OfferAwayButton, OfferButton
from gateway.domain.screen import Button, Keyboard, Screen
from gateway.presenter import amounts, keyboard
from gateway.presenter.promo import discounted
from gateway.texts import Voice


def offer_made(event: OfferMade, voice: Voice) -> Screen:
    """An offer at the usual prices; with a discount for this player alone, also old and new ones, and until when."""
    lines = [_text(event.trigger, voice)]
    if event.percent and event.until is not None:
        until = amounts.moment(voice, event.until)
        lines += ["", voice.html("offer-discount", percent=str(event.percent), until=until)]
        lines += [discounted(one, voice) for one in event.prices]
    rows: Keyboard = tuple((_buy(product, event, voice),) for product in event.products)
    return Screen(
        text="\n".join(lines),
        keyboard=(*rows, _ways_out(event.impression_id, voice)),
        is_silent=not event.is_blocking,
    )


def _text(trigger: str, voice: Voice) -> str:
    """Return an offer's own text; one that is newer than the catalogue has the text of any."""
    key = f"offer-{trigger}"
    return voice.html(key if voice.has(key) else "offer-any")


def _buy(product: Product, event: OfferMade, voice: Voice) -> Button:
    name, own = voice.plain(f"product-{product.value}"), short(event.impression_id)
    mode = "" if event.mode is None else event.mode.value
    data = OfferButton(product=product, impression=own, discount=event.percent > 0, mode=mode)
    stars = next((one.amount for one in event.prices if one.product is product), 0)
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
