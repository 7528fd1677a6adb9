"""A shop in memory: payments' real handlers on states in dictionaries, with messages in any order and number.

It follows the rules of a turn: a message id has one effect, a failing handler leaves no trace, what a handler says to
its own service comes back as a message.
"""

import copy
import inspect
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from actors.engine.state_keys import key_of
from actors.turn import Turn
from contracts.envelope import Envelope
from contracts.message import Command, Contract, shape_of
from contracts.payments import (
    BuyProduct,
    CheckPreCheckout,
    Currency,
    InvoiceOpened,
    Product,
    Provider,
    PurchaseState,
    RecordPayment,
    RecordRefund,
    RefundReason,
)
from payments.app import SPEC
from payments.domain.catalogue import SHIPPED, Catalogue, Item, Price
from payments.domain.charge import Charge
from payments.domain.customer import Customer, OpenInvoice
from payments.domain.history import History
from payments.domain.ledger import Kind, Transaction
from payments.domain.purchase import OPEN, Purchase
from payments.domain.reviews import Reviews

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
ACTOR = SPEC.actor
_AWAITED = {PurchaseState.PAID_UNCREDITED, PurchaseState.REVIEW}


def catalogue() -> Catalogue:
    """All that ships, at its price in Stars, and all of it on sale as ops can have it."""
    items = tuple(Item(one.product, True) for one in SHIPPED)
    return Catalogue(items, tuple(Price(one.product, Currency.XTR, 1, one.stars) for one in SHIPPED))


def with_euros(stars: Catalogue) -> Catalogue:
    """The same catalogue with its prices in euros beside them."""
    euros = tuple(Price(one.product, Currency.EUR, 1, one.cents) for one in SHIPPED)
    return msgspec.structs.replace(stars, prices=(*stars.prices, *euros))


class Shop:
    """Customers, purchases, charges and the ledger, in memory."""

    def __init__(self) -> None:
        self.now = NOON
        self.handlers = ACTOR.handlers()
        self.states: dict[Any, dict[Any, Any]] = {store: {} for store in ACTOR.stores.values()}
        self.catalogue = catalogue()
        self.inbox: set[str] = set()
        self.pending: list[tuple[str, Contract]] = []
        self.events: list[Any] = []
        self.ledger: list[Transaction] = []
        self.effects: list[Any] = []
        self.lasted: list[tuple[str, datetime]] = []
        self.answers: dict[str, Any] = {}
        self._count = 0

    # -- what stands there ----------------------------------------------------------------------

    def of(self, kind: type) -> dict[Any, Any]:
        return self.states[ACTOR.stores[kind]]

    @property
    def purchases(self) -> dict[Any, Purchase]:
        return self.of(Purchase)

    @property
    def charges(self) -> dict[str, Charge]:
        return self.of(Charge)

    def customer(self, player_id: int) -> Customer:
        return self.of(Customer).get(player_id) or Customer(player_id)

    def said(self, kind: type) -> list[Any]:
        return [event for event in self.events if type(event) is kind]

    # -- messages -------------------------------------------------------------------------------

    def send(self, message: Contract, identifier: str | None = None, *, said_at: datetime | None = None) -> str:
        """Hear one message, said now or before; what it says to payments itself waits in `pending`."""
        self._count += 1
        identifier = identifier or f"m{self._count}"
        if identifier in self.inbox:
            return identifier
        name, time = shape_of(type(message)).type_name, said_at or self.now
        envelope = Envelope(id=identifier, type_name=name, time=time, source="test")
        turn = Turn(envelope, self.now, service="payments")
        states = {store: {key: copy.copy(one) for key, one in found.items()} for store, found in self.states.items()}
        _index(states)
        self._call(message, turn, states)
        for created in turn.created:
            store = ACTOR.stores[type(created)]
            states[store].setdefault(store.key_of(created), created)  # type: ignore[attr-defined]
        self.states = states
        self.inbox.add(identifier)
        self._leave(turn)
        return identifier

    def settle(self) -> None:
        """Hear everything that payments said to itself, in order."""
        while self.pending:
            identifier, message = self.pending.pop(0)
            self.send(message, identifier)

    def do(self, message: Contract, identifier: str | None = None) -> Any:
        """Hear a message and all that follows; returns its answer."""
        identifier = self.send(message, identifier)
        self.settle()
        return self.answers.get(identifier)

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    def _call(self, message: Contract, turn: Turn, states: Any) -> None:
        handler = self.handlers[type(message)]
        arguments = [turn if need is None else self._state(need, message, states) for need in handler.needs]
        assert not inspect.iscoroutinefunction(handler.function)
        handler.function(message, *arguments)

    def _state(self, need: Any, message: Contract, states: Any) -> Any:
        if need.store.state is Catalogue:
            return self.catalogue
        if need.store.state in (History, Reviews):
            return need.store.state(message.player_id) if need.store.state is History else Reviews()  # type: ignore[attr-defined]
        key = key_of(need, message, states)
        found = states[need.store]
        if key is not None and key not in found and not need.optional:
            found[key] = need.store.blank(key)
        return found.get(key)

    def _leave(self, turn: Turn) -> None:
        for emitted in turn.emitted:
            if isinstance(emitted.message, Command):
                self.pending.append((emitted.envelope.id, emitted.message))
            else:
                self.events.append(emitted.message)
        for record in turn.records:
            if isinstance(record, Transaction):
                self._post(record)
        self.lasted += turn.lasted
        self.effects += [wanted.effect for wanted in turn.wanted]
        if turn.answered:
            self.answers[turn.message.id] = turn.answer

    def _post(self, transaction: Transaction) -> None:
        """The database's unique keys."""
        assert transaction.idempotency_key not in {one.idempotency_key for one in self.ledger}
        if transaction.purchase_id is not None:
            taken = {(one.purchase_id, one.kind) for one in self.ledger}
            assert (transaction.purchase_id, transaction.kind) not in taken
        self.ledger.append(transaction)


def _index(states: Any) -> None:
    """Do what loading a customer does: read the open invoices off the purchases."""
    purchases = states[ACTOR.stores[Purchase]].values()
    for customer in states[ACTOR.stores[Customer]].values():
        customer.invoices = customer.awaited = ()
        for purchase in purchases:
            if purchase.player_id != customer.player_id or purchase.state not in OPEN | _AWAITED:
                continue
            is_at_till = purchase.state is PurchaseState.PRECHECKOUT_OK
            invoice = OpenInvoice(purchase.product, purchase.purchase_id, purchase.redemption_id, is_at_till)
            note = customer.open if purchase.state in OPEN else customer.expect
            note(invoice)


def payment(purchase: Purchase, charge_id: str = "stx1", at: datetime | None = None, **changed: Any) -> RecordPayment:
    """Money for a purchase, as Telegram reports it."""
    return msgspec.structs.replace(
        RecordPayment(
            player_id=purchase.player_id,
            provider=Provider.TELEGRAM,
            charge_id=charge_id,
            payload=purchase.payload,
            amount=purchase.amount,
            currency=str(purchase.currency),
            paid_at=at or NOON,
        ),
        **changed,
    )


def refund(charge_id: str = "stx1", player_id: int = 7, reason: RefundReason = RefundReason.PROVIDER) -> RecordRefund:
    """Word that a charge is back with the player."""
    return RecordRefund(
        player_id=player_id, provider=Provider.TELEGRAM, charge_id=charge_id, reason=reason, refunded_at=NOON
    )


def buy(shop: Shop, product: Product = Product.ENERGY_10, player_id: int = 7, **more: Any) -> Purchase:
    """Tap on a price; returns the purchase of the invoice that is open then."""
    shop.do(BuyProduct(player_id=player_id, product=product, **more))
    return shop.purchases[shop.said(InvoiceOpened)[-1].purchase_id]


def checkout(shop: Shop, purchase: Purchase, **changed: Any) -> Any:
    """Ask whether an invoice may be paid; returns the answer."""
    asked: dict[str, Any] = {
        "player_id": purchase.player_id,
        "payload": purchase.payload,
        "amount": purchase.amount,
        "currency": "XTR",
        "query_id": "q1",
    }
    return shop.do(CheckPreCheckout(**(asked | changed)))


def bought(shop: Shop, product: Product = Product.ENERGY_10, charge_id: str = "stx1", **more: Any) -> Purchase:
    """Buy and pay; returns the purchase."""
    purchase = buy(shop, product, **more)
    assert checkout(shop, purchase).ok
    shop.do(payment(purchase, charge_id, shop.now))
    return shop.purchases[purchase.purchase_id]


def kinds(shop: Shop) -> list[Kind]:
    """Return the kinds of the ledger's transactions, in order."""
    return [transaction.kind for transaction in shop.ledger]
