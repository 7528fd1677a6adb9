"""Reconciliation: three books tell of the same money, and what they do not agree on is a diff (DOMAIN §6).

The provider's own list is the first book, purchases with their charges the second, the ledger the third. Our own two
are written in one transaction and agree at any instant. Between the provider and us things are on their way: what is
younger than a while is no diff, and what the provider has and we have not is first repaired (`missing`), by the path
of a live payment or refund. A diff is what stands after that: it cannot be repaired, or the repair did not take.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from contracts.payments import Provider, PurchaseState, RecordPayment, RecordRefund, RefundReason
from payments.domain.charge import ChargeState


class DiffKind(StrEnum):
    """How the provider's list, the purchases and the ledger may disagree."""

    UNKNOWN_PAYMENT = "unknown_payment"
    UNKNOWN_REFUND = "unknown_refund"
    NOT_AT_PROVIDER = "not_at_provider"
    NOT_REFUNDED_AT_PROVIDER = "not_refunded_at_provider"
    REFUNDED_OTHERWISE = "refunded_otherwise"
    """The provider gave back more, or less, than it took."""
    OTHER_AMOUNT = "other_amount"
    OTHER_PLAYER = "other_player"
    PURCHASE_DIFFERS = "purchase_differs"
    LEDGER_DIFFERS = "ledger_differs"
    TOTALS_DIFFER = "totals_differ"
    LEDGER_UNBALANCED = "ledger_unbalanced"
    BALANCE_DIFFERS = "balance_differs"
    LIST_SHRANK = "list_shrank"
    UNEXPLAINED = "unexplained"
    """A movement of Stars of a kind that nobody knows."""
    GIFT_NOT_LISTED = "gift_not_listed"
    """Telegram Premium that Telegram says it gave, without a row."""
    GIFT_NOT_OURS = "gift_not_ours"
    """A row of Telegram Premium that was given, and that belongs to no gift of ours."""
    STARS_DIFFER = "stars_differ"
    """What moved at Telegram besides purchases is not what the ledger took."""


class Diff(msgspec.Struct, frozen=True):
    """A disagreement about one charge, or about a sum."""

    kind: DiffKind
    line: str
    """What an operator reads; it names the charge."""
    charge_id: str = ""


class AtProvider(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider's list says about a charge."""

    taken: int
    """0 when it has no such payment."""
    returned: int
    """Refunds and disputes, less what came back of them."""
    currency: str
    taken_at: datetime | None
    returned_at: datetime | None
    player_id: int
    """0 when it does not say."""
    payload: str
    is_disputed: bool
    commission: int | None = None
    """Nanostars of what was taken that an affiliate of Telegram's own programme got; None: there is none."""


class InCharges(msgspec.Struct, frozen=True, kw_only=True):
    """What we wrote down about a charge."""

    state: ChargeState
    player_id: int
    purchase_id: UUID | None
    amount: int
    currency: str
    paid_at: datetime | None
    recorded_at: datetime
    refunded_at: datetime | None

    @property
    def is_back(self) -> bool:
        """Whether we know the money to be with the player again."""
        return self.state is ChargeState.REFUNDED


class InPurchases(msgspec.Struct, frozen=True, kw_only=True):
    """The purchase that says it was paid by a charge."""

    purchase_id: UUID
    product: str
    state: PurchaseState
    is_credited: bool
    """Whether it ever was."""


class InLedger(msgspec.Struct, frozen=True):
    """What the provider's clearing account got and gave for a charge."""

    taken: int
    returned: int


class ChargeComparison(msgspec.Struct, frozen=True, kw_only=True):
    """One charge in all books."""

    provider: Provider
    charge_id: str
    at_provider: AtProvider | None
    charge: InCharges | None
    purchase: InPurchases | None
    ledger: InLedger
    is_acknowledged: bool = False
    """Whether a person has looked at what is wrong with it, and it stays so."""

    @property
    def name(self) -> str:
        """How a diff calls it."""
        return f"{self.provider} charge {self.charge_id}"

    @property
    def taken(self) -> int:
        """What the provider took; 0 when it has no such payment."""
        return 0 if self.at_provider is None else self.at_provider.taken

    @property
    def returned(self) -> int:
        """What the provider gave back."""
        return 0 if self.at_provider is None else self.at_provider.returned

    @property
    def is_recorded(self) -> bool:
        """Whether the payment is written down here; of a refund that came first we know no payment yet."""
        return self.charge is not None and self.charge.paid_at is not None


def missing(comparison: ChargeComparison, before: datetime) -> list[RecordPayment | RecordRefund]:
    """Return what the provider tells of a charge and we have not heard; nothing that happened at `before` or later."""
    seen, found = comparison.at_provider, list[RecordPayment | RecordRefund]()
    if seen is None or not seen.taken:
        return found
    if not comparison.is_recorded and _is_past(seen.taken_at, before):
        found.append(
            RecordPayment(
                player_id=seen.player_id,
                provider=comparison.provider,
                charge_id=comparison.charge_id,
                payload=seen.payload,
                amount=seen.taken,
                currency=seen.currency,
                paid_at=seen.taken_at or before,
                commission=seen.commission,
            )
        )
    is_back = comparison.charge is not None and comparison.charge.is_back
    if seen.returned >= seen.taken and not is_back and _is_past(seen.returned_at, before):
        found.append(
            RecordRefund(
                player_id=seen.player_id,
                provider=comparison.provider,
                charge_id=comparison.charge_id,
                reason=RefundReason.DISPUTE if seen.is_disputed else RefundReason.PROVIDER,
                refunded_at=seen.returned_at or before,
            )
        )
    return found


def compare(comparison: ChargeComparison, before: datetime) -> list[Diff]:
    """Return what the books disagree about; what happened at `before` or later may be on its way and is none.

    What was acknowledged is none either, whatever else becomes of that charge.
    """
    if comparison.is_acknowledged:
        return []
    lines = [
        *_payments(comparison, before),
        *_refunds(comparison, before),
        *_purchases(comparison),
        *_ledger(comparison),
    ]
    return [Diff(kind, f"{comparison.name}: {line}", comparison.charge_id) for kind, line in lines]


def _is_past(moment: datetime | None, before: datetime) -> bool:
    return moment is not None and moment < before


def _payments(comparison: ChargeComparison, before: datetime) -> Iterator[tuple[DiffKind, str]]:
    seen, charge = comparison.at_provider, comparison.charge
    if charge is None or charge.paid_at is None:
        if seen is not None and seen.taken and _is_past(seen.taken_at, before):
            line = f"the provider took {seen.taken} {seen.currency} at {seen.taken_at}; it is not in our books"
            yield DiffKind.UNKNOWN_PAYMENT, line
    elif seen is None or not seen.taken:
        if charge.recorded_at < before:
            line = f"{charge.amount} {charge.currency} are in our books; the provider has no such payment"
            yield DiffKind.NOT_AT_PROVIDER, line
    else:
        if (seen.taken, seen.currency) != (charge.amount, charge.currency):
            line = f"the provider took {seen.taken} {seen.currency}, we wrote {charge.amount} {charge.currency}"
            yield DiffKind.OTHER_AMOUNT, line
        if seen.player_id not in (0, charge.player_id):
            line = f"player {seen.player_id} paid, we wrote player {charge.player_id}"
            yield DiffKind.OTHER_PLAYER, line


def _refunds(comparison: ChargeComparison, before: datetime) -> Iterator[tuple[DiffKind, str]]:
    seen, charge = comparison.at_provider, comparison.charge
    is_back = charge is not None and charge.is_back
    if seen is not None and seen.returned and _is_past(seen.returned_at, before):
        if seen.returned != seen.taken:
            line = f"the provider gave {seen.returned} {seen.currency} back of {seen.taken}"
            yield DiffKind.REFUNDED_OTHERWISE, line
        elif not is_back:
            line = (
                f"the provider gave {seen.returned} {seen.currency} back at {seen.returned_at}; our books do not know"
            )
            yield DiffKind.UNKNOWN_REFUND, line
    if charge is None or charge.refunded_at is None or comparison.returned:
        return
    # Of a payment that the provider does not have, that has been said; of one that nobody has, only this.
    is_told = not comparison.taken and comparison.is_recorded
    if not is_told and max(charge.refunded_at, charge.recorded_at) < before:
        line = "it is refunded in our books; the provider's list has no refund of it (a chargeback has none)"
        yield DiffKind.NOT_REFUNDED_AT_PROVIDER, line


def _purchases(comparison: ChargeComparison) -> Iterator[tuple[DiffKind, str]]:
    charge, purchase = comparison.charge, comparison.purchase
    if charge is None:
        if purchase is not None:
            line = f"purchase {purchase.purchase_id} says it was paid by it; it is not recorded"
            yield DiffKind.PURCHASE_DIFFERS, line
        return
    named = None if purchase is None else purchase.purchase_id
    if charge.purchase_id != named:
        line = f"it pays for purchase {charge.purchase_id}, but {named} says it was paid by it"
        yield DiffKind.PURCHASE_DIFFERS, line
    elif purchase is not None and (purchase.state is PurchaseState.REFUNDED) != charge.is_back:
        line = f"it is {charge.state}, purchase {purchase.purchase_id} is {purchase.state}"
        yield DiffKind.PURCHASE_DIFFERS, line


def _ledger(comparison: ChargeComparison) -> Iterator[tuple[DiffKind, str]]:
    """Money is in the ledger once it bought something, or went back."""
    charge, purchase = comparison.charge, comparison.purchase
    expected = InLedger(0, 0)
    if charge is not None and charge.paid_at is not None:
        is_booked = charge.is_back or (purchase is not None and purchase.is_credited)
        expected = InLedger(charge.amount if is_booked else 0, charge.amount if charge.is_back else 0)
    if comparison.ledger != expected:
        line = (
            f"the ledger has {comparison.ledger.taken} received and {comparison.ledger.returned} returned; "
            f"by purchase and charge it should be {expected.taken} and {expected.returned}"
        )
        yield DiffKind.LEDGER_DIFFERS, line
