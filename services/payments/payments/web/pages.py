"""The pages as HTML: plain, without a script. Templates escape whatever is put into them."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined

from contracts.payments import Currency, Product
from payments.web.forms import WEB_CURRENCIES, Form, Order
from payments.web.storefront import Bought, PricedProduct
from payments.web.texts import Voice

STYLE: Final = "checkout.css"
LOOK_AGAIN_SECONDS: Final = 5
LOOKS_MAX: Final = 12
"""So often the page of an order looks again by itself."""

_TEMPLATES: Final = Environment(
    loader=PackageLoader("payments.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    auto_reload=False,
)


def shelf(
    voice: Voice, offers: Sequence[PricedProduct], currency: Currency, form: Form, problems: Sequence[str]
) -> str:
    """What can be bought, and for whom. `form` has what was entered before, `problems` the texts to say about it."""
    return _page(
        "shelf.html",
        voice,
        offers=offers,
        currency=currency,
        currencies=WEB_CURRENCIES,
        form=form,
        problems=problems,
    )


def check(voice: Voice, order: Order, token: str, *, changed: bool = False) -> str:
    """The order before it is one: product, price, number, and the one button that costs money."""
    wish = order.wish
    fields = {
        "token": token,
        "product": wish.product,
        "currency": wish.currency,
        "number": wish.player_id,
        "quote": order.quote_id,
        "amount": order.amount,
    }
    price, number = voice.price(order.amount, wish.currency), grouped(wish.player_id)
    return _page("check.html", voice, wish=wish, price=price, number=number, fields=fields, changed=changed)


def order(voice: Voice, purchase_id: UUID, bought: Bought, *, is_back: bool, looks: int) -> str:
    """What became of an order. While something is still to come, the page looks again by itself a few times."""
    product, price = voice.product(Product(bought.product)), voice.price(bought.amount, Currency(bought.currency))
    if bought.state in ("CREATED", "INVOICE_SENT", "PRECHECKOUT_OK"):
        key = "order-back" if is_back else "order-open"
    else:
        key = f"order-{bought.state}"
    waits = not (bought.is_settled or is_back) and looks < LOOKS_MAX
    again = f"order?purchase={purchase_id}&looks={looks + 1}" if waits else ""
    said = voice.plain(f"{key}-text", product=product, price=price)
    return _page("order.html", voice, key=key, said=said, again=again, look_again_seconds=LOOK_AGAIN_SECONDS)


def notice(voice: Voice, key: str, **values: str) -> str:
    """A page that says one thing and leads back to the start."""
    return _page("notice.html", voice, key=key, said=voice.plain(f"{key}-text", **values))


def grouped(number: int) -> str:
    """Return a long number in groups of three, so that eyes can compare it."""
    return f"{number:,}".replace(",", "\u202f")


def _page(template: str, voice: Voice, **values: Any) -> str:
    return _TEMPLATES.get_template(template).render(voice=voice, text=voice.plain, style=STYLE, **values)
