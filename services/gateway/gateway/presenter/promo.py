"""What a code gave, or why it is not taken (DOMAIN §7)."""

from contracts.payments import Currency, DiscountedProduct, DiscountHeld
from contracts.promo import CodeRefused, PremiumRedeemed, RedeemRefusal
from gateway.domain.chat import CODE_AWAITED_FOR
from gateway.domain.screen import Button, Keyboard, Screen
from gateway.presenter import amounts, keyboard
from gateway.texts import Voice


def which_code(voice: Voice) -> Screen:
    """Ask for a code, with the way out."""
    minutes = int(CODE_AWAITED_FOR.total_seconds()) // 60
    return Screen(text=voice.html("promo-ask", minutes=str(minutes)), keyboard=((keyboard.cancel(voice),),))


def too_late(voice: Voice) -> Screen:
    """The question is over: what was typed was not taken for a code."""
    return Screen(text=voice.html("promo-late"), keyboard=((keyboard.code(voice),), *_ways_on(voice)))


def premium_redeemed(event: PremiumRedeemed, voice: Voice) -> Screen:
    """Premium days, and straight into the game."""
    text = voice.html("promo-premium", days=str(event.days))
    return Screen(text=text, keyboard=((keyboard.play(voice), keyboard.modes(voice)),))


def discount_held(event: DiscountHeld, voice: Voice) -> Screen:
    """What the discount fits, with old and new price; or that there is nothing to buy with it now."""
    until = amounts.moment(voice, event.reserved_until)
    if not event.products:
        return Screen(text=voice.html("promo-discount-nothing", percent=str(event.percent)), keyboard=_ways_on(voice))
    lines = (discounted(one, voice) for one in event.products)
    rows: Keyboard = (
        *((_buy(one, event, voice),) for one in event.products),
        (keyboard.play(voice), keyboard.shop(voice)),
    )
    head = voice.html("promo-discount", percent=str(event.percent), until=until)
    return Screen(text="\n".join((head, "", *lines)), keyboard=rows)


def discounted(one: DiscountedProduct, voice: Voice) -> str:
    """Return a product with its old and its new price."""
    return voice.html(
        "promo-discounted",
        product=voice.plain(f"product-{one.product.value}"),
        before=amounts.price(voice, one.base_amount, Currency.XTR),
        now=amounts.price(voice, one.amount, Currency.XTR),
    )


def _buy(one: DiscountedProduct, event: DiscountHeld, voice: Voice) -> Button:
    price = amounts.price(voice, one.amount, Currency.XTR)
    return keyboard.buy_with_discount(voice, one.product, event.redemption_id, price=price)


def code_refused(event: CodeRefused, voice: Voice) -> Screen:
    """Why the code is not taken; after a wrong guess also how many more there are."""
    until = amounts.moment(voice, event.until) if event.until is not None else ""
    has_run_out = event.reason is RedeemRefusal.ALREADY_USED and event.until is not None
    text = voice.html("promo-run-out" if has_run_out else f"promo-refused-{event.reason.value}", until=until)
    if event.tries_left:
        text = f"{text}\n{voice.html('promo-tries-left', tries=event.tries_left)}"
    elif event.tries_left is not None:
        text = f"{text}\n{voice.html('promo-no-tries-left', until=until)}"
    again: Keyboard = ((keyboard.code(voice),),) if event.reason is RedeemRefusal.INVALID and event.tries_left else ()
    return Screen(text=text, keyboard=(*again, *_ways_on(voice)))


def _ways_on(voice: Voice) -> Keyboard:
    return ((keyboard.play(voice), keyboard.shop(voice)),)
