"""A stand-in of payments: it sells energy for ten Stars, says no to a bad payload, and credits at once."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from uuid import UUID

from actors.actor import Actor
from actors.engine.runtime import Dependencies, Provided
from actors.spec import ServiceSpec
from actors.turn import Turn
from contracts.message import Contract
from contracts.payments import (
    BuyProduct,
    CheckoutRefusal,
    CheckPreCheckout,
    Currency,
    InvoiceOpened,
    PreCheckoutAnswer,
    PurchaseCredited,
    RecordInvoiceSent,
    RecordPayment,
    RecordRefund,
    payload_of,
)
from contracts.payments.vocabulary import Product

PRICE = 10
PURCHASE = UUID("019cb8f0-0000-7000-8000-00000000000a")
actor = Actor("payments")


class Till:
    """What the stand-in heard."""

    def __init__(self) -> None:
        self.heard: list[Contract] = []
        self.invoices = 0


@actor.on(BuyProduct)
def buy(command: BuyProduct, till: Till, turn: Turn) -> None:
    till.heard.append(command)
    till.invoices += 1
    turn.emit(
        InvoiceOpened(
            player_id=command.player_id, purchase_id=PURCHASE, product=command.product, payload=payload_of(PURCHASE),
            amount=PRICE, currency=Currency.XTR, steps=(), expires_at=turn.now + timedelta(minutes=30),
            again=till.invoices > 1, surface=command.surface,
        )
    )  # fmt: skip


@actor.on(CheckPreCheckout)
def check(command: CheckPreCheckout, till: Till, turn: Turn) -> None:
    till.heard.append(command)
    known = command.purchase_id == PURCHASE
    turn.reply(PreCheckoutAnswer(ok=known, refusal="" if known else CheckoutRefusal.UNKNOWN_PAYLOAD.value))


@actor.on(RecordPayment)
def record(command: RecordPayment, till: Till, turn: Turn) -> None:
    till.heard.append(command)
    turn.emit(
        PurchaseCredited(
            player_id=command.player_id, purchase_id=PURCHASE, product=Product.ENERGY_10, amount=command.amount,
            currency=Currency.XTR, provider=command.provider, charge_id=command.charge_id, credited_at=turn.now,
        )
    )  # fmt: skip


@actor.on(RecordInvoiceSent)
def sent(command: RecordInvoiceSent, till: Till) -> None:
    till.heard.append(command)


@actor.on(RecordRefund)
def refunded(command: RecordRefund, till: Till) -> None:
    till.heard.append(command)


SPEC = ServiceSpec(
    name="payments",
    actor=actor,
)


def build_with(till: Till) -> Callable[[Dependencies], AbstractAsyncContextManager[Provided]]:
    @asynccontextmanager
    async def build(means: Dependencies) -> AsyncGenerator[Provided]:
        yield Provided(resources={Till: till})

    return build
