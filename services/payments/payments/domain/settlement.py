"""A diff that a person has looked at: what may be settled by hand, and what is written then (DOMAIN §6)."""

from datetime import datetime
from uuid import UUID

import msgspec

from contracts.payments import Provider, SettleDiff, SettlementKind
from payments.domain.charge import Charge


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ours beside the rows of a provider's list."""

    provider: Provider
    kind: SettlementKind
    charge_id: str
    amount: int
    """What the provider took back, in Stars or minor units; 0 for an acknowledgement, which moves nothing."""
    currency: str
    player_id: int
    purchase_id: UUID | None
    note: str
    at: datetime


class ProviderListEntry(msgspec.Struct, frozen=True):
    """What a provider's list has of a charge, and what was settled of it by hand."""

    charge_id: str
    provider: str = ""
    """Empty when no list has it."""
    taken: int = 0
    returned: int = 0
    """Chargebacks that were settled by hand are in it."""
    settled: tuple[str, ...] = ()


def refusal(command: SettleDiff, charge: Charge | None, listed: ProviderListEntry) -> str:
    """Return why a diff cannot be settled so, naming the field and the remedy; empty when it can."""
    owner = listed.provider if charge is None else str(charge.provider)
    if not owner:
        return "charge_id: neither our books nor the provider's list has it; copy it from the line of the diff"
    if owner != command.provider:
        return f"provider: the charge is one of {owner}; send that"
    if command.kind in listed.settled:
        return f"kind: the charge has been settled as {command.kind} already; there is nothing left to do"
    return _no_chargeback(charge, listed) if command.kind is SettlementKind.CHARGEBACK else ""


def settle(command: SettleDiff, charge: Charge | None, note: str, at: datetime) -> Settled:
    """Return the row that settles a diff which is not refused, with who wanted it and why as its note."""
    is_chargeback = command.kind is SettlementKind.CHARGEBACK
    return Settled(
        provider=command.provider,
        kind=command.kind,
        charge_id=command.charge_id,
        amount=charge.amount if charge is not None and is_chargeback else 0,
        currency="" if charge is None else charge.currency,
        player_id=0 if charge is None else charge.player_id,
        purchase_id=None if charge is None else charge.purchase_id,
        note=note,
        at=at,
    )


def _no_chargeback(charge: Charge | None, listed: ProviderListEntry) -> str:
    """A chargeback is of money that the list has as taken and not as given back, and that we took back already."""
    if charge is None or not charge.is_back:
        state = "not in our books" if charge is None else charge.state
        endpoint = "orphan" if charge is not None and charge.purchase_id is None else "start"
        return (
            f"charge_id: the charge is {state}, not REFUNDED; take it back first, with admin.payments.refund.{endpoint}"
        )
    if charge.provider is Provider.STRIPE:
        return "kind: Stripe lists what it takes back (disputes) itself; look at that, then use ACKNOWLEDGED"
    if listed.returned or not listed.taken:
        what = "has its refund" if listed.returned else "as read so far has no such payment"
        return f"kind: the provider's list {what}, so no chargeback is missing there; use ACKNOWLEDGED"
    return ""
