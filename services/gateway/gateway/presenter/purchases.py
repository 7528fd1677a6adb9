"""What was bought: history, receipts, refunds (DOMAIN §6)."""

from contracts.berlin import day_of
from contracts.gameplay import Mode
from contracts.payments import PurchaseCredited, PurchaseRefunded, PurchasesShown, PurchaseView, RefundReason
from contracts.promo import mode_of_offer
from gateway.domain.button_origin import parse_button_origin
from gateway.domain.screen import Keyboard, Screen
from gateway.domain.shop_layout import PREMIUM
from gateway.presenter import amounts, keyboard
from gateway.texts import Voice

LINES_MAX = 20


def purchases_shown(event: PurchasesShown, voice: Voice) -> Screen:
    """The history, newest first, and how each purchase stands."""
    rows: Keyboard = ((keyboard.shop(voice), keyboard.support(voice)), (keyboard.modes(voice),))
    if not event.purchases:
        return Screen(text=voice.html("purchases-empty"), keyboard=rows)
    lines = [_line(view, voice) for view in event.purchases[:LINES_MAX]]
    return Screen(text="\n\n".join((voice.html("purchases"), *lines)), keyboard=rows)


def receipt(event: PurchaseCredited, voice: Voice, *, question_waits: bool) -> Screen:
    """What the player now has, and the way back to what was interrupted."""
    lines: list[str] = [_received(event, voice), _paid(event, voice)]
    rows: Keyboard
    if question_waits:
        lines.append(voice.html("receipt-question"))
        rows = ((keyboard.modes(voice),),)
    else:
        place = parse_button_origin(event.surface)
        wanted = mode_of_offer(event.surface) if place is None else place.mode
        rows = ((keyboard.play_on(voice, wanted or Mode.QUICK_MIX_A1A2),),)
    return Screen(text="\n".join(lines), keyboard=rows)


def refunded(event: PurchaseRefunded, voice: Voice) -> Screen:
    """What came back, and what was taken back for it."""
    lines: list[str] = [voice.html("refunded", price=amounts.price(voice, event.amount, event.currency))]
    product = voice.plain(f"product-{event.product.value}")
    if event.reason is RefundReason.DOUBLE_CHARGE:
        lines.append(voice.html("refunded-double", product=product))
    elif event.was_credited:
        lines.append(voice.html("refunded-taken", product=product))
    else:
        lines.append(voice.html("refunded-nothing", product=product))
    rows: Keyboard = ((keyboard.shop(voice), keyboard.support(voice)),)
    return Screen(text="\n".join(lines), keyboard=rows)


def _received(event: PurchaseCredited, voice: Voice) -> str:
    product = event.product
    if product in PREMIUM and event.premium_until is not None:
        name = voice.plain(f"product-{product.value}")
        return voice.html("receipt-premium", plan=name, until=day_of(event.premium_until).local)
    return voice.html(f"receipt-{product.value}")


def _paid(event: PurchaseCredited, voice: Voice) -> str:
    price = amounts.price(voice, event.amount, event.currency)
    return voice.html("receipt-paid", price=price, at=amounts.moment(voice, event.credited_at))


def _line(view: PurchaseView, voice: Voice) -> str:
    head = voice.html(
        "purchase-line",
        product=voice.plain(f"product-{view.product.value}"),
        price=amounts.price(voice, view.amount, view.currency),
        day=day_of(view.paid_at or view.created_at).local,
    )
    return f"{head}\n{voice.html(f'purchase-{view.state.value}')}"
