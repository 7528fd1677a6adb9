"""Which page tells what to do about an event."""

from collections.abc import Mapping
from typing import Final

PAGES: Final[Mapping[str, str]] = {
    "payments_reconciliation_diff_detected": "payments.md",
    "payments_recovery_review_required": "payments.md",
    "payments_orphan_payment": "payments.md",
    "dead_letter_received": "dead_letters.md",
    "promo_campaign_auto_paused": "promo.md",
    "promo_bruteforce_suspected": "promo.md",
    "promo_discount_applied_late": "promo.md",
    "offers_conversion_drop_detected": "offers.md",
    "offers_spam_anomaly_detected": "offers.md",
    "referral_fraud_spike_detected": "referrals.md",
    "referral_reward_milestone_available": "referrals.md",
    "referral_reward_granted": "referrals.md",
    "telegram_updates_degraded": "telegram_updates_degraded.md",
    "storage_failed": "nats_disk_full.md",
    "postgres_down": "postgres_down.md",
}
OTHERS: Final = "alerts.md"


class Runbooks:
    """The addresses of the pages in `docs/runbooks`, wherever they are published."""

    def __init__(self, base: str) -> None:
        """`base` is the address of the folder; empty: nobody can follow a link to it."""
        self._base = base.rstrip("/")

    def address(self, event: str) -> str | None:
        """Return the address of an event's page; None when pages have none."""
        return f"{self._base}/{PAGES.get(event, OTHERS)}" if self._base else None
