"""What alerts counts beyond what every turn counts by itself."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

DELIVERIES: Final = Counter(
    "alerts_deliveries_total",
    "Notices by channel and what came of a try: delivered, later, refused, given_up",
    ["channel", "outcome"],
)
DELIVERY_SECONDS: Final = Histogram(
    "alerts_delivery_seconds",
    "From when a notice was due until its channel had it",
    ["channel"],
    buckets=(0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600, 14_400, 86_400),
)
CALL_SECONDS: Final = Histogram(
    "alerts_call_seconds", "How long a channel took to answer", ["channel"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)  # fmt: skip
QUEUE_AGE: Final = Gauge("alerts_queue_age_seconds", "Age of the oldest notice that waits; 0: none does", ["channel"])
QUEUE_WAITING: Final = Gauge("alerts_queue_waiting", "Notices that wait", ["channel"])
OPEN: Final = Gauge("alerts_open", "Alerts that are not resolved", ["severity", "state"])
HEARTBEATS: Final = Counter(
    "alerts_heartbeats_total",
    "Heartbeats by what came of them: sent, failed, or withheld because alerts itself is late",
    ["outcome"],
)
