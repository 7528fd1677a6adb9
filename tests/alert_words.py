"""One of each event that is an alert, as its owner says it, and where DOMAIN §10 has it told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.alerts import ChannelName, Severity, Tier
from contracts.gateway import TelegramUpdatesDegraded
from contracts.ground import AlertRaised, DeadLetterReceived, StorageFailed
from contracts.message import Event
from contracts.payments import OrphanPaymentReceived, Provider, ReconciliationDiffDetected, ReviewRequired
from contracts.promo import (
    BruteForceSuspected,
    CampaignAutoPaused,
    DiscountAppliedLate,
    OffersConversionDropDetected,
    OffersSpamAnomalyDetected,
)
from contracts.referrals import (
    ReferralFraudSpikeDetected,
    ReferralRewardGranted,
    ReferralRewardMilestoneAvailable,
    RewardChoice,
)

PLAYER = 5512740098
_ID = UUID("019d3aa9-10c2-7a4b-b0d4-5f6a2be29c11")

PAGERDUTY, SLACK, GENERIC = ChannelName.PAGERDUTY, ChannelName.SLACK, ChannelName.GENERIC
_EVERYWHERE, _CHAT, _QUIET = {PAGERDUTY, SLACK, GENERIC}, {SLACK, GENERIC}, {GENERIC}

EXPECTED: dict[str, tuple[Severity, Tier, set[ChannelName]]] = {
    "payments_reconciliation_diff_detected": (Severity.CRITICAL, Tier.L1, _EVERYWHERE),
    "payments_recovery_review_required": (Severity.ERROR, Tier.L1, _EVERYWHERE),
    "payments_orphan_payment": (Severity.ERROR, Tier.L1, _EVERYWHERE),
    "dead_letter_received": (Severity.ERROR, Tier.L1, _CHAT),
    "promo_campaign_auto_paused": (Severity.WARNING, Tier.L2, _CHAT),
    "promo_bruteforce_suspected": (Severity.WARNING, Tier.L2, _CHAT),
    "offers_conversion_drop_detected": (Severity.WARNING, Tier.L2, _CHAT),
    "offers_spam_anomaly_detected": (Severity.WARNING, Tier.L2, _CHAT),
    "referral_fraud_spike_detected": (Severity.WARNING, Tier.L2, _CHAT),
    "referral_reward_milestone_available": (Severity.INFO, Tier.L3, _CHAT),
    "referral_reward_granted": (Severity.INFO, Tier.L3, _CHAT),
    "telegram_updates_degraded": (Severity.WARNING, Tier.L3, _QUIET),
    "promo_discount_applied_late": (Severity.WARNING, Tier.L3, _QUIET),
    "storage_failed": (Severity.WARNING, Tier.L3, _QUIET),
    "something_odd": (Severity.WARNING, Tier.L3, _QUIET),
}


def events(at: datetime) -> tuple[Event, ...]:
    """Return one of each, in the order of `EXPECTED`."""
    figures = {"impressions": 80, "players": 9, "conversions": 1, "dismissals": 60}
    offers: dict[str, Any] = {"scope": "offers", "at": at, **figures}
    return (
        ReconciliationDiffDetected(
            run_id=_ID, provider=Provider.TELEGRAM, full=False, diffs=("a charge is missing",), diff_count=1, at=at
        ),
        ReviewRequired(player_id=PLAYER, purchase_id=_ID, charge_id="ch_1", reason="credit failed thrice", at=at),
        OrphanPaymentReceived(
            player_id=PLAYER, provider=Provider.TELEGRAM, charge_id="ch_2", amount=99, currency="XTR", payload="?",
            reason="unknown_payload", paid_at=at,
        ),
        DeadLetterReceived(
            service="payments", letter_id="17", letter_subject="payments.cmd.7.buy_product", error="no",
            attempts=1, at=at,
        ),
        CampaignAutoPaused(campaign="spring", failures=101, players=7, at=at),
        BruteForceSuspected(scope="overall", failures=301, players=50, at=at),
        OffersConversionDropDetected(**offers),
        OffersSpamAnomalyDetected(**offers),
        ReferralFraudSpikeDetected(
            scope="referrals", starts=20, rejected=11, rejected_for_one=4, referrer_id=PLAYER, at=at
        ),
        ReferralRewardMilestoneAvailable(player_id=PLAYER, number=1, qualified=3, qualified_at=at, at=at),
        ReferralRewardGranted(
            player_id=PLAYER, number=1, choice=RewardChoice.MEGA_PACK_15, grant_id=_ID, claimed_this_month=1, at=at
        ),
        TelegramUpdatesDegraded(bot="starquiz_bot", pending=400, answered_ratio=0.4, last_error="timeout", at=at),
        DiscountAppliedLate(player_id=PLAYER, redemption_id=_ID, purchase_id=_ID, campaign="spring", overrun=1),
        StorageFailed(service="payments", stream="PAYMENTS_EVT", error="full", at=at),
        AlertRaised(service="promo", event="something_odd", key="k", summary="odd", at=at),
    )  # fmt: skip
