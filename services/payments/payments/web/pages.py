"""The pages as HTML: plain, without a script; everything that is not markup comes from the catalogue, escaped."""

from collections.abc import Sequence
from html import escape
from typing import Final
from uuid import UUID

from contracts.payments import Currency, Product
from payments.web.counter import Bought, Offer
from payments.web.forms import WEB_CURRENCIES, Form, Order
from payments.web.texts import Voice

STYLE: Final = "checkout.css"
LOOK_AGAIN_SECONDS: Final = 5
LOOKS_MAX: Final = 12
"""So often the page of an order looks again by itself."""


def shelf(voice: Voice, offers: Sequence[Offer], currency: Currency, form: Form, problems: Sequence[str]) -> str:
    """What can be bought, and for whom. `form` has what was entered before, `problems` the texts to say about it."""
    body = f"<h1>{voice.html('heading')}</h1><p>{voice.html('intro')}</p>{_problems(voice, problems)}"
    body += _currencies(voice, currency)
    if not offers:
        return page(voice, body + f'<p class="note">{voice.html("no-prices", currency=currency)}</p>')
    rows = "".join(_offer(voice, offer, currency, form.product) for offer in offers)
    body += (
        '<form method="post" action="check">'
        f"{_hidden(token=form.token, currency=currency)}"
        f"<fieldset><legend>{voice.html('choose')}</legend>{rows}</fieldset>"
        f"{_number_field(voice, form.number, is_wrong='problem-number' in problems)}"
        f'<button>{voice.html("go-on")}</button><p class="hint">{voice.html("before-paying")} '
        f"{voice.html('no-renewal')}</p></form>"
    )
    return page(voice, body)


def check(voice: Voice, order: Order, token: str, *, changed: bool = False) -> str:
    """The order before it is one: product, price, number, and the one button that costs money."""
    wish, price = order.wish, voice.price(order.amount, order.wish.currency)
    lines = (
        ("check-product", escape(voice.product(wish.product)), voice.html(f"gives-{wish.product}")),
        ("check-price", escape(price), "" if changed else voice.html("check-frozen")),
        ("check-number", grouped(wish.player_id), voice.html("check-warning")),
    )
    facts = "".join(f"<dt>{voice.html(key)}</dt><dd><b>{value}</b>{_small(more)}</dd>" for key, value, more in lines)
    note = f'<p class="note">{voice.html("check-changed", price=price)}</p>' if changed else ""
    fields = _hidden(
        token=token,
        product=wish.product,
        currency=wish.currency,
        number=str(wish.player_id),
        quote=str(order.quote_id),
        amount=str(order.amount),
    )
    return page(
        voice,
        f"<h1>{voice.html('check')}</h1>{note}<dl>{facts}</dl>"
        f'<form method="post" action="buy">{fields}<button>{voice.html("order-and-pay", price=price)}</button>'
        f'<p class="hint">{voice.html("at-stripe")}</p></form>'
        f'<p><a href="./?currency={wish.currency}&amp;product={wish.product}">← {voice.html("change")}</a></p>',
    )


def order(voice: Voice, purchase_id: UUID, bought: Bought, *, is_back: bool, looks: int) -> str:
    """What became of an order. While something is still to come, the page looks again by itself a few times."""
    about = {"product": voice.product(Product(bought.product))}
    about["price"] = voice.price(bought.amount, Currency(bought.currency))
    if bought.state in ("CREATED", "INVOICE_SENT", "PRECHECKOUT_OK"):
        key = "order-back" if is_back else "order-open"
    else:
        key = f"order-{bought.state}"
    waits = not (bought.is_settled or is_back) and looks < LOOKS_MAX
    body = f"<h1>{voice.html(key)}</h1><p>{voice.html(f'{key}-text', **about)}</p>"
    if waits:
        body += f'<p class="hint">{voice.html("reload")}</p>'
    body += f'<p class="hint">{voice.html("questions")}</p><p><a href="./">{voice.html("to-start")} →</a></p>'
    again = f"order?purchase={purchase_id}&amp;looks={looks + 1}"
    refresh = f'<meta http-equiv="refresh" content="{LOOK_AGAIN_SECONDS};url={again}">' if waits else ""
    return page(voice, body, head=refresh)


def notice(voice: Voice, key: str, **values: str) -> str:
    """A page that says one thing and leads back to the start."""
    return page(
        voice,
        f"<h1>{voice.html(key)}</h1><p>{voice.html(f'{key}-text', **values)}</p>"
        f'<p><a href="./">{voice.html("to-start")} →</a></p>',
    )


def page(voice: Voice, body: str, head: str = "") -> str:
    """The frame of every page."""
    return (
        f'<!doctype html><html lang="{voice.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{voice.html("title")}</title><link rel="stylesheet" href="{STYLE}">{head}</head>'
        f"<body><main>{body}</main></body></html>"
    )


def grouped(number: int) -> str:
    """Return a long number in groups of three, so that eyes can compare it."""
    return f"{number:,}".replace(",", "\u202f")


def _currencies(voice: Voice, chosen: Currency) -> str:
    links = (f"<b>{one}</b>" if one is chosen else f'<a href="./?currency={one}">{one}</a>' for one in WEB_CURRENCIES)
    return f"<nav><span>{voice.html('prices-in')}</span> {' '.join(links)}</nav>"


def _offer(voice: Voice, offer: Offer, currency: Currency, chosen: str) -> str:
    checked = " checked" if offer.product == chosen else ""
    return (
        f'<label class="offer"><input type="radio" name="product" value="{offer.product}" required{checked}>'
        f"<span><b>{escape(voice.product(offer.product))}</b>{_small(voice.html(f'gives-{offer.product}'))}</span>"
        f'<span class="price">{escape(voice.price(offer.amount, currency))}</span></label>'
    )


def _number_field(voice: Voice, given: str, *, is_wrong: bool) -> str:
    wrong = ' aria-invalid="true"' if is_wrong else ""
    return (
        f'<label class="field" for="number">{voice.html("number")}</label>'
        f'<input id="number" name="number" value="{escape(given[:40])}" inputmode="numeric" autocomplete="off" '
        f'maxlength="24" required aria-describedby="number-hint"{wrong}>'
        f'<p class="hint" id="number-hint">{voice.html("number-hint")}</p>'
        f"<details><summary>{voice.html('number-where')}</summary><p>{voice.html('number-desktop')}</p>"
        f"<p>{voice.html('number-phone')}</p></details>"
    )


def _problems(voice: Voice, keys: Sequence[str]) -> str:
    if not keys:
        return ""
    lines = "".join(f"<li>{voice.html(key)}</li>" for key in keys)
    return f'<div class="note bad" role="alert"><b>{voice.html("problem")}</b><ul>{lines}</ul></div>'


def _hidden(**fields: str) -> str:
    return "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())


def _small(html: str) -> str:
    return f"<small>{html}</small>" if html else ""
