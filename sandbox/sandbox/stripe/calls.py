"""The calls of the API: a table of addresses and what each of them does."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.stripe.book import Book, Json
from sandbox.stripe.checkout import Checkout
from sandbox.stripe.errors import unknown_url
from sandbox.stripe.expiry import Expiry
from sandbox.stripe.listing import page, unfolded
from sandbox.stripe.orders import new_session
from sandbox.stripe.params import Params
from sandbox.stripe.refunds import REASONS, Refunds, paid_charge

Handler = Callable[["Ask"], Json]
PATHS = {
    "sessions": "/v1/checkout/sessions",
    "payment_intents": "/v1/payment_intents",
    "charges": "/v1/charges",
    "refunds": "/v1/refunds",
    "disputes": "/v1/disputes",
    "balance_transactions": "/v1/balance_transactions",
    "events": "/v1/events",
}
CALL_NAMES = frozenset(
    {
        "POST /v1/checkout/sessions",
        "POST /v1/checkout/sessions/{id}/expire",
        "POST /v1/refunds",
        *(f"GET {path}" for path in PATHS.values()),
        *(f"GET {path}/{{id}}" for path in PATHS.values()),
    }
)


@dataclass(slots=True, frozen=True)
class Ask:
    """One call: the id of its path ('' for none), its parameters, and where this Stripe is reached."""

    id: str
    params: Params
    url_base: str


@dataclass(slots=True, frozen=True)
class Call:
    """A name as `POST /v1/refunds`, and who handles it."""

    name: str
    handle: Handler


class Calls:
    """Finds the call for a method and a path."""

    def __init__(self, book: Book, checkout: Checkout, refunds: Refunds, expiry: Expiry) -> None:
        self._book = book
        self._checkout = checkout
        self._refunds = refunds
        self._expiry = expiry
        table: dict[str, Handler] = {
            "POST /v1/checkout/sessions": self._open,
            "POST /v1/checkout/sessions/{id}/expire": self._expire,
            "POST /v1/refunds": self._refund,
        }
        for kind, path in PATHS.items():
            table[f"GET {path}"] = self._list(kind, path)
            table[f"GET {path}/{{id}}"] = self._show(kind)
        self._calls = [(_pattern(name), Call(name, handle)) for name, handle in table.items()]

    def find(self, method: str, path: str) -> tuple[Call, str]:
        """The call and the id in its path; a StripeError 404 when there is none."""
        for pattern, call in self._calls:
            match = pattern.fullmatch(f"{method} {path}")
            if match is not None:
                return call, match.groupdict().get("id") or ""
        raise unknown_url(method, path)

    def _open(self, ask: Ask) -> Json:
        expand = ask.params.words("expand")
        session = new_session(self._book, ask.params, ask.url_base)
        self._expiry.watch(session)
        return unfolded(self._book, session, expand)

    def _expire(self, ask: Ask) -> Json:
        expand = ask.params.words("expand")
        ask.params.done()
        return unfolded(self._book, self._checkout.expire(ask.id), expand)

    def _refund(self, ask: Ask) -> Json:
        params = ask.params
        charge_id, intent_id = params.text("charge"), params.text("payment_intent")
        amount, reason = params.integer("amount", 1), params.word("reason", REASONS)
        metadata, expand = params.metadata(), params.words("expand")
        params.done()
        charge = paid_charge(self._book, charge_id, intent_id)
        return unfolded(self._book, self._refunds.make(charge, amount, reason, metadata), expand)

    def _list(self, kind: str, path: str) -> Handler:
        def handle(ask: Ask) -> Json:
            self._checkout.sweep()
            return page(self._book, kind, path, ask.params)

        return handle

    def _show(self, kind: str) -> Handler:
        def handle(ask: Ask) -> Json:
            expand = ask.params.words("expand")
            ask.params.done()
            if kind == "sessions":
                return unfolded(self._book, self._checkout.session(ask.id), expand)
            return unfolded(self._book, self._book.get(kind, ask.id), expand)

        return handle


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(re.escape(name).replace(r"\{id\}", r"(?P<id>[A-Za-z0-9_]+)"))
