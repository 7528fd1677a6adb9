"""What operators ask of payments (DOMAIN §5, §6, §13); each has an admin endpoint."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from contracts.message import Answered, Command
from contracts.payments.vocabulary import Currency, Product, Provider, QuoteStep, RefusedRefund, SettlementKind


class SettleRefund(Command, frozen=True, kw_only=True):
    """Ops settle by hand a refund that the provider refuses (DOMAIN §6)."""

    subject: ClassVar[str] = "payments.money.{player_id}.settle_refund"
    player_id: int
    charge_id: str
    outcome: RefusedRefund
    note: str


class ResolveReview(Command, frozen=True, kw_only=True):
    """Ops decide about a purchase under review: credit it (DOMAIN §6). Refunds are `RefundPurchase`."""

    subject: ClassVar[str] = "payments.cmd.{player_id}.resolve_review"
    player_id: int
    purchase_id: UUID
    note: str


class SetPrice(Command, frozen=True, kw_only=True):
    """Set the price of a product in one currency from now on; earlier quotes and purchases keep theirs (DOMAIN §5)."""

    subject: ClassVar[str] = "payments.cmd.{product}.set_price"
    product: Product
    currency: Currency
    amount: int
    """Stars, or minor units; at least 1."""
    operator: str = ""
    """Ignored, like any claim of a body about who asks; kept so that old commands decode."""


class SwitchProduct(Command, frozen=True, kw_only=True):
    """Take a product off the shelf, or put it back (DOMAIN §5)."""

    subject: ClassVar[str] = "payments.cmd.{product}.switch_product"
    product: Product
    enabled: bool
    operator: str = ""
    """Ignored, like any claim of a body about who asks; kept so that old commands decode."""


class PurchaseShown(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase as it stands; `found` is False, and the rest empty, when there is none of that id."""

    found: bool
    player_id: int = 0
    product: str = ""
    provider: str = ""
    state: str = ""
    amount: int = 0
    currency: str = ""
    steps: tuple[QuoteStep, ...] = ()
    late: bool = False
    reason: str = ""
    credit_attempts: int = 0
    charge_id: str | None = None
    redemption_id: UUID | None = None
    created_at: datetime | None = None
    expires_at: datetime | None = None
    prechecked_at: datetime | None = None
    paid_at: datetime | None = None
    credited_at: datetime | None = None
    refunded_at: datetime | None = None


class ShowPurchase(Answered[PurchaseShown], frozen=True, kw_only=True):
    """Ask for everything about one purchase; the reply has its state, its price, its charge and its times."""

    subject: ClassVar[str] = "payments.cmd.{purchase_id}.show_purchase"
    purchase_id: UUID


class ListReviews(Command, frozen=True, kw_only=True):
    """Ask for what waits for a person (DOMAIN §6): purchases under review, pending refunds, orphans."""

    subject: ClassVar[str] = "payments.cmd.{queue}.list_reviews"
    queue: str = "reviews"
    """Always `reviews`: there is one queue."""
    limit: int = 50


class ShowLedgerAccount(Command, frozen=True, kw_only=True):
    """Ask for an account of the ledger (DOMAIN §6); the reply has its balances and its last entries."""

    subject: ClassVar[str] = "payments.cmd.{account}.show_ledger_account"
    account: str
    """`player:42`, `debt:42`, `house:SALES`, `house:PROVIDER_CLEARING:TELEGRAM`, …"""
    entries: int = 20


class ReconcileBooks(Command, frozen=True, kw_only=True):
    """Compare the books now (DOMAIN §6, reconciliation); a run may take minutes, so the reply names it and no more."""

    subject: ClassVar[str] = "payments.cmd.{scope}.reconcile_books"
    scope: str
    """`changed` or `full`."""


class SettleDiff(Command, frozen=True, kw_only=True):
    """A person has looked at what reconciliation finds about one charge (DOMAIN §6): it is not to be found again."""

    subject: ClassVar[str] = "payments.cmd.{provider}.settle_diff"
    provider: Provider
    charge_id: str
    kind: SettlementKind
    note: str
