"""The shop: shelves, invoices, and why something is not to be had (DOMAIN §5, §6)."""

from contracts.berlin import day_of
from contracts.gameplay import View
from contracts.payments import (
    BuyRefusal,
    Currency,
    InvoiceOpened,
    Product,
    PurchaseRefused,
    ShopItem,
    ShopShown,
    ShopView,
)
from gateway.domain.button_origin import ButtonOrigin, ButtonScreen
from gateway.domain.screen import Button, Keyboard, Screen
from gateway.domain.shop_layout import EXTRAS, PREMIUM, plan_of, plans_above
from gateway.presenter import amounts, keyboard
from gateway.texts import Voice

_REFUSED = ButtonOrigin(ButtonScreen.REFUSED)


def shop_shown(event: ShopShown, voice: Voice) -> Screen:
    """The shelf that was asked for."""
    return _premium(event, voice) if event.view is ShopView.PREMIUM else _shop(event, voice)


def title(product: Product, voice: Voice) -> str:
    """Return an invoice's title (1-32 characters)."""
    return voice.plain(f"product-{product.value}")


def description(product: Product, voice: Voice) -> str:
    """Return an invoice's description (1-255 characters)."""
    return voice.plain(f"gives-{product.value}")


def invoice_toast(event: InvoiceOpened, voice: Voice) -> Screen:
    """The toast for the tap that brought the invoice."""
    return Screen(toast=voice.plain("toast-invoice-again" if event.again else "toast-invoice"))


def purchase_refused(event: PurchaseRefused, voice: Voice) -> Screen:
    """Why there is no invoice, and what there is instead."""
    toast = voice.plain("toast-not-bought")
    if event.reason is BuyRefusal.SAVER_LIMIT and event.until is not None:
        text = voice.html("refused-saver", until=amounts.moment(voice, event.until))
        rows: Keyboard = ((keyboard.play(voice), keyboard.view(voice, View.STREAK)),)
    elif event.reason is BuyRefusal.PREMIUM_RANK and event.until is not None:
        text, rows = _outranked(event, voice)
    elif event.reason in (BuyRefusal.DISCOUNT_INVALID, BuyRefusal.QUOTE_LAPSED):
        text = voice.html(f"refused-{event.reason.value}")
        rows = ((keyboard.buy(voice, event.product, _REFUSED),), (keyboard.shop(voice),))
    else:
        text = voice.html("refused-not_on_sale", product=voice.plain(f"product-{event.product.value}"))
        rows = ((keyboard.shop(voice), keyboard.play(voice)),)
    return Screen(text=text, keyboard=rows, toast=toast)


def _shop(event: ShopShown, voice: Voice) -> Screen:
    offers = [offer for offer in event.offers if offer.product in EXTRAS]
    plans = [offer for offer in event.offers if offer.product in PREMIUM]
    blocks: list[str] = [voice.html("shop"), *(_line(offer, voice) for offer in offers)]
    if not event.offers:
        blocks.append(voice.html("shop-empty"))
    if event.premium_until is not None:
        blocks.append(_running(event, voice))
    elif plans:
        cheapest = _stars(min(offer.amount for offer in plans), voice)
        blocks.append(voice.html("shop-premium", price=cheapest))
    rows: Keyboard = (
        *_buttons(offers, ButtonOrigin(ButtonScreen.SHOP), voice),
        (keyboard.premium(voice), keyboard.code(voice)),
        (keyboard.purchases(voice), keyboard.modes(voice)),
    )
    return Screen(text="\n\n".join(blocks), keyboard=rows)


def _premium(event: ShopShown, voice: Voice) -> Screen:
    offers = [offer for offer in event.offers if offer.product in PREMIUM]
    blocks: list[str] = [voice.html("premium"), *(_line(offer, voice) for offer in offers)]
    if not offers:
        blocks.append(voice.html("shop-empty"))
    if event.premium_until is not None:
        blocks.insert(1, _running(event, voice))
        if any(offer.refusal is None for offer in offers):
            blocks.append(voice.html("premium-upgrade"))
    rows: Keyboard = (
        *_buttons(offers, ButtonOrigin(ButtonScreen.PREMIUM), voice),
        (keyboard.shop(voice), keyboard.modes(voice)),
    )
    return Screen(text="\n\n".join(blocks), keyboard=rows)


def _running(event: ShopShown, voice: Voice) -> str:
    until = day_of(event.premium_until).local if event.premium_until else ""
    plan = plan_of(event.premium_rank)
    name = voice.plain(f"product-{plan.value}") if plan else voice.plain("button-premium")
    return voice.html("premium-running", plan=name, until=until)


def _line(offer: ShopItem, voice: Voice) -> str:
    """Return what a product is, its price, what it gives; or why it is not to be had, and until when."""
    product = offer.product.value
    gives = voice.html(f"gives-{product}") if offer.refusal is None else _closed(offer, voice)
    price = _stars(offer.amount, voice)
    return f"{voice.html('shop-line', product=voice.plain(f'product-{product}'), price=price)}\n{gives}"


def _closed(offer: ShopItem, voice: Voice) -> str:
    if offer.refusal is BuyRefusal.SAVER_LIMIT and offer.until is not None:
        return voice.html("closed-saver", until=amounts.moment(voice, offer.until))
    if offer.refusal is BuyRefusal.PREMIUM_RANK:
        return voice.html("closed-premium")
    return voice.html("closed")


def _buttons(offers: list[ShopItem], place: ButtonOrigin, voice: Voice) -> Keyboard:
    return tuple(
        (keyboard.buy(voice, offer.product, place, price=_stars(offer.amount, voice)),)
        for offer in offers
        if offer.refusal is None
    )


def _outranked(event: PurchaseRefused, voice: Voice) -> tuple[str, Keyboard]:
    """Premium of this rank or a higher one is running: the higher plans are still to be had."""
    until = day_of(event.until).local if event.until else ""
    higher = plans_above(event.premium_rank)
    key = "refused-premium" if higher else "refused-premium-top"
    buttons: tuple[tuple[Button, ...], ...] = tuple((keyboard.buy(voice, plan, _REFUSED),) for plan in higher)
    return voice.html(key, until=until), (*buttons, (keyboard.play(voice), keyboard.modes(voice)))


def _stars(amount: int, voice: Voice) -> str:
    return amounts.price(voice, amount, Currency.XTR)
