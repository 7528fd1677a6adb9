"""Purchases, charges and customers as rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from asyncpg import Record

from actors.queries import load
from actors.store import Connection, ReadModel, Store, Writer
from actors.table import Table
from contracts.payments import Currency, PremiumTerm, Product, PurchaseState, PurchaseView
from payments.domain.charge import Charge
from payments.domain.customer import Customer, OpenInvoice, SaverBought
from payments.domain.history import History
from payments.domain.premium import Premium, PremiumGrant
from payments.domain.purchase import OPEN, Purchase

SQL: Final = load("payments.store", "purchases.sql")
CHARGES: Final = Table(
    Charge,
    "charges",
    key="id",
    row_type="charge_row_2",
    names={"charge_id": "id"},
    fixed=("provider", "recorded_at"),
)
PURCHASES: Final = Table(
    Purchase,
    "purchases",
    key="id",
    row_type="purchase_row",
    names={"purchase_id": "id"},
    fixed=(
        "player_id", "product", "provider", "currency", "amount", "base_amount", "price_version", "steps",
        "redemption_id", "surface", "created_at",
    ),
)  # fmt: skip

_encoder: Final = msgspec.json.Encoder()
_grants: Final = msgspec.json.Decoder(tuple[PremiumGrant, ...])
_savers: Final = msgspec.json.Decoder(tuple[SaverBought, ...])
_terms: Final = msgspec.json.Decoder(tuple[PremiumTerm, ...])


def _json(value: Any) -> str:
    return _encoder.encode(value).decode()


class ChargeStore(Store[str, Charge]):
    """One row a charge of a provider."""

    state = Charge
    key_field = "charge_id"

    async def load(self, connection: Connection, keys: Sequence[str]) -> dict[str, Charge]:
        """Load and lock charges in the order of their ids."""
        return await CHARGES.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Charge]) -> None:
        """Write charges, new and changed, in one statement."""
        await CHARGES.save(connection, states)


class CustomerStore(Store[int, Customer]):
    """One row a customer; its open invoices are read off the purchases."""

    state = Customer
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> dict[int, Customer]:
        """Load and lock customers in the order of their ids, then see which invoices are open."""
        found = {row[0]: _customer_of(row) for row in await connection.fetch(SQL["load_customers"], keys)}
        if found:
            # Apart from the lock: a statement that waited for it would still see the purchases as before the wait.
            for player_id, state, product, *rest in await connection.fetch(SQL["open_invoices"], list(found)):
                invoice = OpenInvoice(Product(product), *rest, is_at_till=state == PurchaseState.PRECHECKOUT_OK)
                note = found[player_id].open if state in OPEN else found[player_id].expect
                note(invoice)
        return found

    async def save(self, connection: Writer, states: Sequence[Customer]) -> None:
        """Write customers, new and changed, in one statement."""
        await connection.execute(SQL["save_customers"], list(map(_row_of_customer, states)))

    def blank(self, key: int) -> Customer:
        """Return somebody who has not touched the shop yet."""
        return Customer(key)


class PurchaseStore(Store[UUID, Purchase]):
    """One row a purchase."""

    state = Purchase
    key_field = "purchase_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Purchase]:
        """Load and lock purchases in the order of their ids."""
        return await PURCHASES.load(connection, keys)

    async def save(self, connection: Writer, states: Sequence[Purchase]) -> None:
        """Write purchases in one statement; those that close come first, for one invoice a product may be open."""
        await PURCHASES.save(connection, sorted(states, key=lambda purchase: purchase.state in OPEN))


class Histories(ReadModel[int, History]):
    """The last ten purchases of a player that came to something."""

    state = History
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, History]:
        """Read the histories of several players."""
        views: dict[int, list[PurchaseView]] = {key: [] for key in keys}
        for player_id, *rest in await connection.fetch(SQL["history"], keys):
            views[player_id].append(_view_of(*rest))
        return {key: History(key, tuple(some)) for key, some in views.items()}


def _customer_of(row: Record) -> Customer:
    player_id, revision, grants, terms, savers, changed_at = row
    premium = Premium(_grants.decode(grants), _terms.decode(terms))
    return Customer(player_id, premium, revision, _savers.decode(savers), premium_changed_at=changed_at)


def _row_of_customer(customer: Customer) -> tuple[Any, ...]:
    premium, savers = customer.premium, _json(customer.savers)
    grants, terms = _json(premium.grants), _json(premium.terms)
    return (customer.player_id, customer.premium_revision, grants, terms, savers, customer.premium_changed_at)


def _view_of(identifier: UUID, product: str, amount: int, currency: str, state: str, *times: Any) -> PurchaseView:
    created_at, paid_at, refunded_at = times
    return PurchaseView(
        purchase_id=identifier,
        product=Product(product),
        amount=amount,
        currency=Currency(currency),
        state=PurchaseState(state),
        created_at=created_at,
        paid_at=paid_at,
        refunded_at=refunded_at,
    )
