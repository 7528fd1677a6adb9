"""The narrow view of updates about money: what payments must hear, nothing else.

Money is written down whatever else is wrong: what cannot be read of a payment is empty, or 0, and fits no purchase.
"""

import hashlib
from typing import Annotated, Final

import msgspec

from gateway.domain.reading import read_patiently
from gateway.domain.update import QUERY_ID, Person

AMOUNT_MAX: Final = 10**9
"""In Stars, far more than Telegram lets anybody pay at once. More cannot be read: nobody could keep sums of it."""
Amount = Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)]
_Instant = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]


class Query(msgspec.Struct, frozen=True, rename={"player": "from"}):
    """A pre-checkout query: Telegram waits 10 s for the answer."""

    id: str
    player: Person | None = None
    currency: str = ""
    total_amount: Amount = 0
    invoice_payload: str = ""


class Money(msgspec.Struct, frozen=True):
    """A payment that was made, or that went back."""

    currency: str = ""
    total_amount: Amount = 0
    invoice_payload: str = ""
    telegram_payment_charge_id: str = ""


class PaymentNote(msgspec.Struct, frozen=True):
    """The service message that tells of it."""

    date: _Instant = 0
    """Unix seconds; 0 when it does not say."""
    successful_payment: Money | None = None
    refunded_payment: Money | None = None


class QueryUpdate(msgspec.Struct, frozen=True):
    """An update with a pre-checkout query."""

    pre_checkout_query: Query


class PaymentUpdate(msgspec.Struct, frozen=True):
    """An update with a message about money."""

    message: PaymentNote


query_decoder = msgspec.json.Decoder(QueryUpdate)
payment_decoder = msgspec.json.Decoder(PaymentUpdate)


def read_query(raw: msgspec.Raw) -> Query | None:
    """Return a pre-checkout query as far as it can be read; None for one that nobody can answer, for want of an id."""
    try:
        found = query_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = read_patiently(QueryUpdate, raw)
    if found is None or not QUERY_ID.fullmatch(found.pre_checkout_query.id):
        return None
    return found.pre_checkout_query


def read_payment(raw: msgspec.Raw) -> PaymentNote | None:
    """Return a message about money as far as it can be read; None for what is no message."""
    try:
        return payment_decoder.decode(raw).message
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = read_patiently(PaymentUpdate, raw)
        return None if found is None else found.message


def charge_of(money: Money, raw: msgspec.Raw) -> str:
    """Return the charge's id, by which money is kept; for a payment without one, what names the update."""
    return money.telegram_payment_charge_id or f"unreadable:{hashlib.sha256(bytes(raw)).hexdigest()}"
