"""What the web side counts."""

from typing import Final

from prometheus_client import Counter

WEBHOOK: Final = Counter(
    "payments_stripe_webhook_total",
    "Requests at the door for Stripe's events: stored, meaningless, too_large, not_durable, unreadable, or why the "
    "signature is refused",
    ["outcome"],
)
CHECKOUTS: Final = Counter(
    "payments_checkout_total",
    "Steps at the web checkout: shelf, quoted, opened, refused, problem, forged, too_many, busy",
    ["outcome"],
)
