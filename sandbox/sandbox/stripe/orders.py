"""What callers ask for: the parameters of each call that changes something, read and checked."""

import re

from sandbox.stripe.book import Book, Json
from sandbox.stripe.errors import StripeError
from sandbox.stripe.objects import line_item_object, session_object
from sandbox.stripe.params import Params

SESSION_SECONDS_MIN, SESSION_SECONDS_MAX = 30 * 60, 24 * 3600
ALLOWANCE_SECONDS = 60
"""A caller counts its 30 minutes before the request travels."""
AMOUNT_MIN = {"eur": 50, "usd": 50, "gbp": 30}
METHODS = ("card", "sepa_debit")
LOCALES = ("auto", "de", "en", "en-GB")


def new_session(book: Book, params: Params, url_base: str) -> Json:
    """Open a checkout session (`mode=payment`) from the call's parameters, and keep it."""
    if params.needed("mode") != "payment":
        raise StripeError("The sandbox has mode=payment only.", param="mode")
    lines = [_line(one) for one in params.each("line_items")]
    if not lines:
        raise StripeError("Missing required param: line_items.", code="parameter_missing", param="line_items")
    currency, amount = lines[0]["currency"], sum(line["amount_total"] for line in lines)
    if any(line["currency"] != currency for line in lines):
        raise StripeError("All prices in a Checkout Session must have the same currency.", param="line_items")
    if amount < AMOUNT_MIN[currency]:
        message = f"The Checkout Session's total amount must be at least {AMOUNT_MIN[currency]} ({currency})."
        raise StripeError(message, code="amount_too_small")
    given = _asked(book, params)
    params.done()
    session = book.add("sessions", session_object(book.now(), given, amount, currency, url_base))
    book.line_items[session["id"]] = lines
    return session


def _asked(book: Book, params: Params) -> Json:
    intent = params.object("payment_intent_data")
    given: Json = {
        "success_url": _address(params, "success_url"),
        "cancel_url": _address(params, "cancel_url") if "cancel_url" in params else None,
        "client_reference_id": params.text("client_reference_id", 200),
        "customer_email": params.text("customer_email", 512),
        "locale": params.word("locale", LOCALES),
        "metadata": params.metadata(),
        "payment_intent_data": {"metadata": intent.metadata(), "description": intent.text("description", 1000)},
        "payment_method_types": params.words("payment_method_types") or list(METHODS),
        "expires_at": _expiry(book.now(), params),
    }
    intent.done()
    if unknown := set(given["payment_method_types"]) - set(METHODS):
        raise StripeError(f"Invalid payment_method_types: {', '.join(unknown)}", param="payment_method_types")
    return given


def _line(line: Params) -> Json:
    price = line.object("price_data")
    currency = price.needed("currency").lower()
    if currency not in AMOUNT_MIN:
        raise StripeError(f"Invalid currency: {currency}. The sandbox has eur, usd and gbp.", param="currency")
    product = price.object("product_data")
    title = product.needed("name", 250)
    product.text("description")
    unit_amount = price.integer("unit_amount", 0)
    quantity = line.integer("quantity", 1, 999_999)
    for one in (product, price, line):
        one.done()
    for value, path in ((unit_amount, price.path("unit_amount")), (quantity, line.path("quantity"))):
        if value is None:
            raise StripeError(f"Missing required param: {path}.", code="parameter_missing", param=path)
    return line_item_object(title, currency, unit_amount or 0, quantity or 1)


def _address(params: Params, name: str) -> str:
    url = params.needed(name)
    if not re.match(r"https?://[^/\s]+", url):
        raise StripeError("Not a valid URL", code="url_invalid", param=name)
    return url


def _expiry(now: int, params: Params) -> int:
    expires_at = params.integer("expires_at", 0, 2**40)
    if expires_at is None:
        return now + SESSION_SECONDS_MAX
    if expires_at < now + SESSION_SECONDS_MIN - ALLOWANCE_SECONDS:
        raise StripeError("The `expires_at` timestamp must be at least 30 minutes from now.", param="expires_at")
    if expires_at > now + SESSION_SECONDS_MAX + ALLOWANCE_SECONDS:
        raise StripeError("The `expires_at` timestamp must be less than 24 hours from now.", param="expires_at")
    return expires_at
