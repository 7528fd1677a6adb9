"""What the webhooks count."""

from typing import Final

from prometheus_client import Counter

WEBHOOKS: Final = Counter(
    "alerts_webhook_total",
    "Requests at the webhooks (pagerduty, alertmanager): stored, meaningless, too_large, too_slow, unauthorized, "
    "unreadable, not_durable",
    ["webhook", "outcome"],
)
UNREADABLE: Final = Counter(
    "alerts_alertmanager_unreadable_total", "Alerts of a group that could not be read; the others of it were taken"
)
