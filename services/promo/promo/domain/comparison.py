"""Comparing promo's redemptions with payments' purchases: an event about money may be lost (DOMAIN §7, §12)."""

from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

import msgspec

from contracts.message import Command
from contracts.payments import DiscountedPurchase, PurchaseState
from contracts.promo import RedemptionState, SettleRedemption

PURCHASES: Final = "purchases"
GRANTS: Final = "grants"
"""The names of the comparisons there are."""
IN_FLIGHT: Final = timedelta(minutes=5)
"""Premium that was redeemed later may be on its way to payments."""
OVERLAP: Final = timedelta(minutes=15)
"""What a comparison looks at begins so long before the last one did: some of that was being written then."""


class Comparison(msgspec.Struct):
    """How far purchases, or grants, have been compared."""

    name: str
    until: datetime | None = None
    """What changed before then was looked at; None: nothing was yet."""


class TellGrantAgain(Command, frozen=True, kw_only=True):
    """Payments has never heard of premium that a code gave."""

    subject: ClassVar[str] = "promo.cmd.{player_id}.tell_grant_again"
    player_id: int
    redemption_id: UUID


class NoteCompared(Command, frozen=True, kw_only=True):
    """Purchases, or grants, have been compared up to an instant."""

    subject: ClassVar[str] = "promo.cmd.{name}.note_compared"
    name: str
    until: datetime


class Known(msgspec.Struct, frozen=True):
    """What promo knows of a redemption."""

    id: UUID
    state: RedemptionState
    purchase_id: UUID | None


def settling(known: Known | None, purchase: DiscountedPurchase) -> SettleRedemption | None:
    """Return what has to be said about a redemption for it to stand as its purchase does; None when it does."""
    if known is None or not _differs(known, purchase):
        return None
    return SettleRedemption(
        player_id=purchase.player_id,
        redemption_id=purchase.redemption_id,
        purchase_id=purchase.purchase_id,
        credited_at=purchase.credited_at,
        refunded_at=purchase.refunded_at,
        failed_at=purchase.changed_at if purchase.state is PurchaseState.FAILED else None,
    )


def _differs(known: Known, purchase: DiscountedPurchase) -> bool:
    is_reserved = known.state is RedemptionState.RESERVED
    if is_reserved or known.state is RedemptionState.EXPIRED:
        if purchase.credited_at is not None:
            return True
        has_ended = purchase.refunded_at is not None or purchase.state is PurchaseState.FAILED
        return is_reserved and has_ended and known.purchase_id == purchase.purchase_id
    is_back = purchase.refunded_at is not None and purchase.credited_at is not None
    return is_back and known.purchase_id == purchase.purchase_id and known.state is not RedemptionState.REVOKED
