"""One example of every contract of referrals, and what payments hears of it; `examples.py` says what comes of them."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from contracts import referrals as r
from contracts.message import Contract
from contracts.payments import GrantGoods, RevokeGrant

_PLAYER = 5512740098
_FRIEND = 7700123456
_AT = datetime(2026, 3, 29, 17, 42, 5, 318000, tzinfo=UTC)
_GIFT = UUID("019d3aa9-10c2-7a4b-b0d4-5f6a2be29c11")

EXAMPLES: tuple[Contract, ...] = (
    GrantGoods(player_id=_PLAYER, grant_id=_GIFT, paid_energy=15, mode_hours=24, source="REFERRAL", reason="reward"),
    RevokeGrant(player_id=_PLAYER, grant_id=_GIFT, reason="not earned any more"),
    r.TouchLink(player_id=_FRIEND, kind=r.LinkKind.REF, value="K7QXM2", touched_at=_AT),
    r.ShowReferrals(player_id=_PLAYER, view=r.ReferralView.INVITE),
    r.ClaimReward(player_id=_PLAYER, number=2, choice=r.RewardChoice.PREMIUM_STARTER),
    r.BindPlayer(player_id=_FRIEND, referrer_id=_PLAYER),
    r.CheckRing(player_id=_FRIEND, referrer_id=_PLAYER),
    r.SuspectReferral(player_id=_FRIEND, rule=r.FraudRule.CYCLE, score=90),
    r.SettleRewards(player_id=_PLAYER),
    r.EndGift(gift_id=_GIFT),
    r.PlayerBound(
        player_id=_FRIEND,
        kind=r.LinkKind.REF,
        value="K7QXM2",
        referrer_id=_PLAYER,
        started_at=_AT,
        started_on=date(2026, 3, 29),
        state=r.ReferralState.REJECTED_FRAUD,
        score=80,
    ),
    r.LinkRefused(player_id=_PLAYER, kind=r.LinkKind.CAMPAIGN, value="BERLIN-U8", reason=r.RefusedLink.NOT_NEW, at=_AT),
    r.ReferralChanged(
        player_id=_FRIEND,
        referrer_id=_PLAYER,
        state=r.ReferralState.QUALIFIED,
        rule=r.FraudRule.CYCLE,
        score=90,
        qualified_at=_AT,
        at=_AT,
    ),
    r.InviteBonusGiven(player_id=_FRIEND, paid_energy=10, at=_AT),
    r.ReferralsShown(
        player_id=_PLAYER,
        view=r.ReferralView.STATS,
        code="K7QXM2",
        started=8,
        qualified=4,
        to_next=2,
        claimed=0,
        slots=(r.SlotView(number=1, state=r.SlotState.HELD, claimable_at=_AT + timedelta(hours=48)),),
    ),
    r.ReferralRewardMilestoneAvailable(
        player_id=_PLAYER, number=2, qualified=7, qualified_at=_AT - timedelta(hours=48), at=_AT
    ),
    r.ReferralRewardGranted(
        player_id=_PLAYER,
        number=2,
        choice=r.RewardChoice.MEGA_PACK_15,
        grant_id=_GIFT,
        claimed_this_month=1,
        at=_AT,
    ),
    r.ReferralRewardTakenBack(player_id=_PLAYER, number=2, choice=r.RewardChoice.MEGA_PACK_15, grant_id=_GIFT, at=_AT),
    r.RewardAnswered(
        player_id=_PLAYER,
        outcome=r.ClaimOutcome.MONTHLY_CAP,
        number=3,
        choice=r.RewardChoice.MEGA_PACK_15,
        until=_AT + timedelta(days=3),
    ),
    r.ReferralFraudSpikeDetected(
        scope="referrals", starts=42, rejected=13, rejected_for_one=9, referrer_id=_PLAYER, at=_AT
    ),
    r.ReferralFraudSpikeCleared(
        scope="referrals", starts=40, rejected=2, rejected_for_one=1, referrer_id=_PLAYER, at=_AT
    ),
    r.ListReferralReviews(
        filter=r.ReviewFilter(
            state=r.ReferralState.REJECTED_FRAUD, rule=r.FraudRule.VELOCITY, referrer_id=_PLAYER, page=2, page_size=20
        )
    ),
    r.DecideReview(
        player_id=_FRIEND,
        action=r.ReviewAction.REOPEN,
        expected=r.ReferralState.REJECTED_FRAUD,
        note="a class of a school, seen with their teacher",
    ),
    r.CreateCampaignLink(code="BERLIN-U8", name="Underground 8, March", cost_minor=50_000, currency="EUR"),
    r.ListCampaignLinks(page=2),
    r.ShowCampaignFigures(code="BERLIN-U8"),
)
