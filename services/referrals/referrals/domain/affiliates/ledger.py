"""The ledger of commissions: double entry like payments', in whole Stars (DOMAIN §9).

A transaction moves Stars from account to account: what one gets, another gives, so its entries add up to zero. What a
partner has is above 0, and the house's accounts are below: `house:COMMISSION` is what partners earned, `house:PAID`
what they were paid.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

COMMISSION: Final = "house:COMMISSION"
PAID: Final = "house:PAID"


class Kind(StrEnum):
    """What a transaction is about."""

    EARNED = "EARNED"
    """A purchase brought a commission: it is pending."""
    MATURED = "MATURED"
    """It became payable."""
    TAKEN_BACK = "TAKEN_BACK"
    """The purchase was refunded, or Telegram's own programme had paid for it."""
    RESERVED = "RESERVED"
    """A payout was approved: its Stars are set apart."""
    RELEASED = "RELEASED"
    """Nothing came of it: they are payable again."""
    SENT = "SENT"
    """They were paid."""


class Account(StrEnum):
    """What a partner has Stars on."""

    PENDING = "pending"
    PAYABLE = "payable"
    IN_PAYOUT = "in_payout"

    def of(self, partner_id: int) -> str:
        """Return the account's name; ValueError unless the id is above 0."""
        if partner_id <= 0:
            raise ValueError(f"partner_id {partner_id}: expected an id above 0")
        return f"{self}:{partner_id}"


def named(account: "Account | str", partner_id: int) -> str:
    """Return the name of a partner's account, or of the house's as it is."""
    return account.of(partner_id) if isinstance(account, Account) else account


class Entry(msgspec.Struct, frozen=True):
    """One leg of a transaction, in Stars."""

    account: str
    amount: int


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """What one event did to the accounts. Making one that is out of balance is a ValueError."""

    id: UUID
    kind: Kind
    idempotency_key: str
    """The database takes a second transaction of the same key for a mistake and refuses it."""
    partner_id: int
    purchase_id: UUID | None = None
    payout_id: UUID | None = None
    at: datetime
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        """Refuse what the database would refuse."""
        if len({entry.account for entry in self.entries}) != len(self.entries) or len(self.entries) < 2:
            raise ValueError(f"{self.kind}: expected one entry an account, and two of them at least")
        if any(entry.amount == 0 for entry in self.entries):
            raise ValueError(f"{self.kind}: an entry of 0 Stars moves nothing")
        rest = sum(entry.amount for entry in self.entries)
        if rest:
            raise ValueError(f"{self.kind}: the entries add up to {rest}, not to 0")


class Purse(msgspec.Struct, frozen=True):
    """What a partner has, in Stars: what the ledger's entries of their accounts add up to."""

    pending: int = 0
    payable: int = 0
    """Below 0 after a refund of what was paid out: the next payout has that much less."""
    in_payout: int = 0
    paid: int = 0

    def after(self, transaction: Transaction, partner_id: int) -> "Purse":
        """Return what the partner has once that is booked."""
        moved = {entry.account: entry.amount for entry in transaction.entries}
        return Purse(
            pending=self.pending + moved.get(Account.PENDING.of(partner_id), 0),
            payable=self.payable + moved.get(Account.PAYABLE.of(partner_id), 0),
            in_payout=self.in_payout + moved.get(Account.IN_PAYOUT.of(partner_id), 0),
            paid=self.paid + moved.get(PAID, 0),
        )


class Move(msgspec.Struct, frozen=True):
    """So many Stars from one account to another."""

    of: str
    to: str
    stars: int

    @property
    def entries(self) -> tuple[Entry, Entry]:
        """Both legs of it."""
        return Entry(self.to, self.stars), Entry(self.of, -self.stars)


def of_purchase(
    kind: Kind, move: Move, *, transaction_id: UUID, purchase_id: UUID, partner_id: int, at: datetime
) -> Transaction:
    """Return what becomes of the commission of a purchase."""
    return Transaction(
        id=transaction_id,
        kind=kind,
        idempotency_key=f"{kind.lower()}:{purchase_id}",
        partner_id=partner_id,
        purchase_id=purchase_id,
        at=at,
        entries=move.entries,
    )


def of_payout(
    kind: Kind, move: Move, *, transaction_id: UUID, payout_id: UUID, partner_id: int, at: datetime
) -> Transaction:
    """Return what becomes of the Stars of a payout."""
    return Transaction(
        id=transaction_id,
        kind=kind,
        idempotency_key=f"{kind.lower()}:{payout_id}",
        partner_id=partner_id,
        payout_id=payout_id,
        at=at,
        entries=move.entries,
    )
