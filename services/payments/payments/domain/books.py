"""Counts and totals of the three books, and the balance that a provider shows (DOMAIN §6, reconciliation)."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from contracts.payments import Provider
from payments.domain.reconciliation import ChargeComparison, Diff, DiffKind
from payments.domain.stars import shown


class Book(StrEnum):
    """Who counts: the provider's list, our purchases, our ledger."""

    PROVIDER = "PROVIDER"
    PURCHASES = "PURCHASES"
    LEDGER = "LEDGER"


class Total(msgspec.Struct, frozen=True):
    """What a book has of one product in one currency."""

    book: Book
    measure: str
    """`taken`, `returned` (provider and purchases); `booked`, `reversed` (purchases and ledger); `balance` (ledger)."""
    product: str
    """Empty for money without a purchase, and for the balance."""
    currency: str
    count: int
    total: int
    """Stars, or minor units."""


_PAIRS: Final[Mapping[str, tuple[Book, Book]]] = {
    "taken": (Book.PROVIDER, Book.PURCHASES),
    "returned": (Book.PROVIDER, Book.PURCHASES),
    "booked": (Book.PURCHASES, Book.LEDGER),
    "reversed": (Book.PURCHASES, Book.LEDGER),
}
"""Which two books count the same thing."""


class Amounts:
    """Adds up what single charges come to in each book."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Book, str, str, str], tuple[int, int]] = {}

    def add(self, comparison: ChargeComparison) -> None:
        """Count what one charge came to, in each book that has it."""
        product = "" if comparison.purchase is None else comparison.purchase.product
        seen, charge = comparison.at_provider, comparison.charge
        if seen is not None:
            self._put(Book.PROVIDER, "taken", product, seen.currency, seen.taken)
            self._put(Book.PROVIDER, "returned", product, seen.currency, seen.returned)
        if charge is None or charge.paid_at is None:
            return
        is_booked = charge.is_back or (comparison.purchase is not None and comparison.purchase.is_credited)
        self._put(Book.PURCHASES, "taken", product, charge.currency, charge.amount)
        self._put(Book.PURCHASES, "returned", product, charge.currency, charge.amount if charge.is_back else 0)
        self._put(Book.PURCHASES, "booked", product, charge.currency, charge.amount if is_booked else 0)
        self._put(Book.PURCHASES, "reversed", product, charge.currency, charge.amount if charge.is_back else 0)
        self._put(Book.LEDGER, "booked", product, charge.currency, comparison.ledger.taken)
        self._put(Book.LEDGER, "reversed", product, charge.currency, comparison.ledger.returned)

    def totals(self) -> tuple[Total, ...]:
        """Return the sums, in order."""
        return tuple(Total(*key, *self._sums[key]) for key in sorted(self._sums))

    def _put(self, book: Book, measure: str, product: str, currency: str, amount: int) -> None:
        if amount:
            count, total = self._sums.get((book, measure, product, currency), (0, 0))
            self._sums[book, measure, product, currency] = (count + 1, total + amount)


def compare_totals(provider: Provider, totals: Iterable[Total]) -> list[Diff]:
    """Return where two books that should count the same do not, and where the ledger's balance is not their rest."""
    found = {(one.measure, one.product, one.currency, one.book): one for one in totals}
    diffs: list[Diff] = []
    for measure, product, currency in sorted({key[:3] for key in found if key[0] in _PAIRS}):
        counts = [
            (book, found.get((measure, product, currency, book), Total(book, measure, product, currency, 0, 0)))
            for book in _PAIRS[measure]
        ]
        if len({(one.count, one.total) for _, one in counts}) > 1:
            told = ", ".join(f"{book.lower()} {one.count} with {one.total} {currency}" for book, one in counts)
            name = product or "money without a purchase"
            diffs.append(Diff(DiffKind.TOTALS_DIFFER, f"{provider} {measure}, {name}: {told}"))
    return [*diffs, *_compare_balances(provider, found.values())]


def _compare_balances(provider: Provider, totals: Iterable[Total]) -> list[Diff]:
    rest: dict[str, int] = {}
    balance: dict[str, int] = {}
    for one in totals:
        if one.book is Book.PURCHASES and one.measure in ("booked", "reversed"):
            rest[one.currency] = rest.get(one.currency, 0) + (one.total if one.measure == "booked" else -one.total)
        elif one.measure == "balance":
            balance[one.currency] = one.total
    return [
        Diff(
            DiffKind.TOTALS_DIFFER,
            f"house:PROVIDER_CLEARING:{provider} holds {balance.get(currency, 0)} {currency}; by the charges it should "
            f"hold {rest.get(currency, 0)}",
        )
        for currency in sorted(rest.keys() | balance.keys())
        if rest.get(currency, 0) != balance.get(currency, 0)
    ]


class BalanceCheck(msgspec.Struct, frozen=True):
    """Telegram's balance beside its own list, read before and after; all in nanostars."""

    balance: int
    listed: int
    """What the whole list adds up to, as read after the balance."""
    meanwhile: tuple[int, ...] = ()
    """The rows that came in between, oldest first: above 0 in, below 0 out."""

    @property
    def _instants(self) -> list[int]:
        """What the list came to at each instant between the two readings, the last one first."""
        instants = [self.listed]
        for amount in reversed(self.meanwhile):
            instants.append(instants[-1] - amount)
        return instants

    @property
    def is_even(self) -> bool:
        """Whether the balance is what the list came to at some instant between the two readings."""
        return self.balance in self._instants

    def rules_out(self, least: int) -> bool:
        """Whether it is even, and nothing of `least` nanostars or more went out that the list lacks.

        What came in meanwhile may hide that: an even balance is then the one of another instant, less what went out.
        """
        return self.is_even and max(self._instants) - self.balance < least

    def diff(self, provider: Provider) -> Diff:
        """Say by how much they differ."""
        apart = self.balance - self.listed
        why = " (a chargeback lowers the balance and has no row)" if apart < 0 else ""
        line = (
            f"{provider} holds {shown(self.balance)}, its transactions add up to {shown(self.listed)}: "
            f"{'+' if apart > 0 else ''}{shown(apart)}{why}"
        )
        return Diff(DiffKind.BALANCE_DIFFERS, line)


def unsound(
    transactions: Sequence[tuple[UUID, str | None, int]], balances: Sequence[tuple[str, str, int, int]]
) -> list[Diff]:
    """Return the ledger's own faults: (transaction, asset, rest) out of balance, (account, asset, balance, entries)."""
    diffs: list[Diff] = []
    for transaction_id, asset, rest in transactions:
        fault = "it has no entries" if asset is None else f"{rest:+d} {asset} are left over"
        diffs.append(Diff(DiffKind.LEDGER_UNBALANCED, f"ledger transaction {transaction_id}: {fault}"))
    for account, asset, balance, entries in balances:
        line = f"account {account} shows {balance} {asset}, its entries add up to {entries}"
        diffs.append(Diff(DiffKind.LEDGER_UNBALANCED, line))
    return diffs
