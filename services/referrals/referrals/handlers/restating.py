"""What referrals can tell again to a service that comes late, or that missed it: partners and payouts (DOMAIN §9)."""

from datetime import datetime

from asyncpg import Record

from contracts.referrals import PartnerRestated, PartnerState, PayoutRestated
from referrals.handlers.table import actor
from referrals.store.commissions import PARTNERS, PARTNERS_PAGE, PAYOUTS, PAYOUTS_PAGE


@actor.restate("partners", page=PARTNERS_PAGE, event=PartnerRestated)
def restate_partner(row: Record, hearer: str, as_of: datetime) -> PartnerRestated:
    """Tell how somebody stands as a partner, with the revision."""
    *columns, code = row
    partner = PARTNERS.state_of(columns)
    first, later = partner.rates
    return PartnerRestated(
        hearer=hearer,
        player_id=partner.player_id,
        state=partner.state,
        revision=partner.revision,
        first_per_mille=first,
        later_per_mille=later,
        code=code if code and partner.state is PartnerState.APPROVED else "",
        as_of=as_of,
    )


@actor.restate("payouts", page=PAYOUTS_PAGE, event=PayoutRestated)
def restate_payout(row: Record, hearer: str, as_of: datetime) -> PayoutRestated:
    """Tell how a payout stands."""
    payout = PAYOUTS.state_of(row)
    return PayoutRestated(hearer=hearer, player_id=payout.player_id, payout=payout.view(), as_of=as_of)
