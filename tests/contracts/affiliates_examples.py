"""One example of every contract about partners and payouts; see `examples.py` for what becomes of them."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from contracts import referrals as r
from contracts.message import Contract

_PLAYER = 5512740098
_BUYER = 5512740155
_AT = datetime(2026, 3, 29, 17, 42, 5, 318000, tzinfo=UTC)
_PURCHASE = UUID("019d3ab0-3dae-791d-9d1e-819decaf1d42")
_PAYOUT_ID = UUID("019d3ab4-71c3-7f0e-8a55-0d2c5f1b9e73")
_PAYOUT = r.PayoutView(
    payout_id=_PAYOUT_ID,
    player_id=_PLAYER,
    kind=r.PayoutKind.PREMIUM_GIFT,
    stars=1500,
    months=6,
    state=r.PayoutState.FAILED,
    requested_at=_AT,
    changed_at=_AT + timedelta(minutes=5),
    reference="SEPA 2026-17",
    reason="BALANCE_TOO_LOW",
)

EXAMPLES: tuple[Contract, ...] = (
    r.ApplyAsAffiliate(player_id=_PLAYER),
    r.ShowAffiliate(player_id=_PLAYER, view=r.AffiliatePage.CHART),
    r.RequestPayout(player_id=_PLAYER, kind=r.PayoutKind.PREMIUM_GIFT, months=6),
    r.SettleCommission(partner_id=_PLAYER, player_id=_BUYER, purchase_id=_PURCHASE),
    r.AffiliateShown(
        player_id=_PLAYER,
        state=r.PartnerState.APPROVED,
        revision=3,
        code="K7MQ2P",
        first_per_mille=300,
        later_per_mille=150,
        funnel=r.Funnel(starts=120, answered_20=48, payers=9),
        pending=412,
        payable=-29,
        in_payout=1500,
        paid=2500,
        on_hold=True,
        payouts=(_PAYOUT,),
        weeks=(r.WeekEarned(begins=date(2026, 3, 23), stars=149),),
        view=r.AffiliatePage.PAYOUT,
        refusal=r.PayoutRefusal.ONE_IS_OPEN,
        asked=_PAYOUT_ID,
    ),
    r.PartnerChanged(
        player_id=_PLAYER,
        state=r.PartnerState.APPROVED,
        revision=3,
        first_per_mille=400,
        later_per_mille=200,
        code="K7MQ2P",
        at=_AT,
    ),
    r.PayoutChanged(player_id=_PLAYER, payout=_PAYOUT),
    r.PartnerRestated(
        hearer="gateway",
        player_id=_PLAYER,
        state=r.PartnerState.APPROVED,
        revision=3,
        first_per_mille=400,
        later_per_mille=200,
        code="K7MQ2P",
        as_of=_AT,
    ),
    r.PayoutRestated(hearer="gateway", player_id=_PLAYER, payout=_PAYOUT, as_of=_AT),
    r.ListPartners(state=r.PartnerState.APPLIED, limit=20),
    r.DecidePartner(
        player_id=_PLAYER,
        state=r.PartnerState.APPROVED,
        enrol=True,
        note="a school in Graz",
        expected=r.PartnerState.APPLIED,
    ),
    r.SetPartnerRates(player_id=_PLAYER, first_per_mille=400, later_per_mille=200, note="a big one"),
    r.HoldPartner(player_id=_PLAYER, hold=True, note="odd starts"),
    r.ListPayouts(state=r.PayoutState.SENDING, limit=20),
    r.ApprovePayout(payout_id=_PAYOUT_ID, note="looked at the starts", expected=r.PayoutState.REQUESTED),
    r.SettlePayout(payout_id=_PAYOUT_ID, reference="SEPA 2026-17", note="16.25 EUR", expected=r.PayoutState.APPROVED),
    r.CancelPayout(payout_id=_PAYOUT_ID, note="asked to", expected=r.PayoutState.APPROVED),
)
