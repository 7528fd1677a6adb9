"""What the tests of commissions' rules are made of: a partner, a sale, a step, a wish to be paid."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from contracts.payments import STARS_OF_MONTHS
from contracts.referrals import PartnerState, PayoutKind, PayoutState
from referrals.domain.affiliates.partner import Partner
from referrals.domain.affiliates.payout import Payout
from referrals.domain.affiliates.sale import Sale

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PARTNER = 7
BUYER = 8


def partner(**more: Any) -> Partner:
    made = Partner(player_id=PARTNER, state=PartnerState.APPLIED, applied_at=NOON - DAY, changed_at=NOON - DAY)
    made.decide(PartnerState.APPROVED, "mira: a school", NOON - DAY)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def sale(stars: int = 99, credited_at: datetime = NOON, **more: Any) -> Sale:
    return Sale(purchase_id=uuid4(), player_id=BUYER, stars=stars, credited_at=credited_at, **more)


def settled(one: Sale, who: Partner, now: datetime, *, started_at: datetime = NOON, mature: bool = False) -> None:
    transaction = one.settle(who, started_at, uuid4(), now, may_mature=mature)
    if transaction is not None:
        who.purse = who.purse.after(transaction, who.player_id)


def request(who: Partner, kind: PayoutKind = PayoutKind.EXTERNAL, months: int = 0) -> Payout:
    made = Payout(
        payout_id=uuid4(),
        player_id=PARTNER,
        kind=kind,
        stars=STARS_OF_MONTHS.get(months, who.purse.payable),
        months=months,
        state=PayoutState.REQUESTED,
        requested_at=NOON,
        changed_at=NOON,
    )
    who.open_payout = made.payout_id
    return made
