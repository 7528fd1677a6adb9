"""What comes in by a form: whether it is our own form, and what it says."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import parse_qs
from uuid import UUID

import msgspec
from aiohttp import web

from contracts.payments import Currency, Product

COOKIE: Final = "starquiz_form"
FORM_BYTES_MAX: Final = 8 * 1024
_FIELDS_MAX: Final = 20
_NUMBER_MAX: Final = 2**52
"""Telegram's ids have at most 52 bits."""
_BLANKS: Final = str.maketrans("", "", " \u00a0.-")
WEB_CURRENCIES: Final = (Currency.EUR, Currency.USD, Currency.GBP)


class FormKey:
    """Tokens that only our own pages can put into a form, for only we know what belongs to the browser's cookie.

    The cookie is not sent along with another site's form (SameSite). The key follows from a secret that all replicas
    have, so any of them takes any form.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.new(secret.encode(), b"starquiz form token", hashlib.sha256).digest()

    def cookie(self, request: web.Request) -> str:
        """Return what the browser's cookie is, or is to be."""
        known = request.cookies.get(COOKIE, "")
        return known if len(known) == 32 and known.isalnum() else secrets.token_hex(16)

    def token(self, cookie: str) -> str:
        """Return the token for a form that goes to the browser with this cookie."""
        return base64.urlsafe_b64encode(hmac.new(self._key, cookie.encode(), hashlib.sha256).digest()).decode()

    def fits(self, request: web.Request, token: str) -> bool:
        """Whether a form is one of ours, sent from our own page."""
        cookie = request.cookies.get(COOKIE, "")
        if not cookie or request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return False
        return hmac.compare_digest(self.token(cookie).encode(), token.encode("utf-8", "surrogateescape"))


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """The form as it was filled in."""

    token: str = ""
    product: str = ""
    currency: str = ""
    number: str = ""
    quote: str = ""
    amount: str = ""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer wants: the form, understood."""

    player_id: int
    product: Product
    currency: Currency


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A wish with the price that was shown."""

    wish: Wish
    quote_id: UUID
    amount: int


def read_form(body: bytes) -> Form:
    """Return the fields of a form; anything else in the body is left out."""
    try:
        given = parse_qs(body.decode(), max_num_fields=_FIELDS_MAX)
    except ValueError:
        return Form()
    return msgspec.convert({name: values[0] for name, values in given.items()}, Form)


def wish_of(form: Form) -> Wish | Sequence[str]:
    """Return what the form wants, or the fields that are wrong."""
    product, currency, number = _product(form.product), web_currency(form.currency), _number(form.number)
    if product is None or currency is None or number is None:
        found: Mapping[str, object] = {"product": product, "currency": currency, "number": number}
        return [name for name, value in found.items() if value is None]
    return Wish(player_id=number, product=product, currency=currency)


def order_of(form: Form) -> Order | Sequence[str]:
    """Return what the form orders, or the fields that are wrong."""
    wish = wish_of(form)
    if not isinstance(wish, Wish):
        return wish
    try:
        return Order(wish=wish, quote_id=UUID(form.quote), amount=int(form.amount[:12]))
    except ValueError:
        return ["quote"]


def web_currency(text: str) -> Currency | None:
    """Return the currency that a text names, of those the web takes."""
    return next((one for one in WEB_CURRENCIES if one.value == text), None)


def _product(text: str) -> Product | None:
    return next((one for one in Product if one.value == text), None)


def _number(text: str) -> int | None:
    digits = text.translate(_BLANKS)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 16 or text.strip().startswith("-"):
        return None  # below 0 is a group
    return int(digits) if 0 < int(digits) < _NUMBER_MAX else None
