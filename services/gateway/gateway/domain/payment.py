"""The narrow view of updates about money: what payments must hear, nothing else."""

import msgspec

from gateway.domain.update import Person


class Query(msgspec.Struct, frozen=True, rename={"player": "from"}):
    """A pre-checkout query: Telegram waits 10 s for the answer."""

    id: str
    player: Person
    currency: str
    total_amount: int
    invoice_payload: str


class Money(msgspec.Struct, frozen=True):
    """A payment that was made, or that went back."""

    currency: str
    total_amount: int
    invoice_payload: str
    telegram_payment_charge_id: str


class PaymentNote(msgspec.Struct, frozen=True):
    """The service message that tells of it."""

    date: int
    """Unix seconds."""
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
