"""What the gateway counts beyond what every turn counts by itself."""

from functools import cache

from prometheus_client import Counter, Histogram

WEBHOOK_SECONDS = Histogram(
    "gateway_webhook_seconds", "From a request's head at the webhook to its answer, by what that was", ["outcome"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
UPDATES_REFUSED = Counter("gateway_updates_refused_total", "Updates not taken in, by reason", ["reason"])
UPDATES_MENDED = Counter("gateway_updates_mended_total", "Updates with something in them that had to be mended")
API_CALLS = Counter("gateway_api_calls_total", "Calls of the Bot API, by method and code", ["method", "code"])
API_SECONDS = Histogram(
    "gateway_api_seconds", "How long Telegram took to answer", ["method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
UPDATES_FAILED = Counter("gateway_updates_failed_total", "Updates whose handler raised, by kind", ["kind"])
TAPS_LATE = Counter("gateway_taps_late_total", "Taps that no event had answered in time")
TAP_SECONDS = Histogram(
    "gateway_tap_seconds", "From a tap's arrival to Telegram's word that it is answered, or that it is too late",
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 150),
)  # fmt: skip
PRECHECKOUTS = Histogram(
    "gateway_precheckout_seconds", "From a pre-checkout's arrival to its answer, by what was answered", ["outcome"],
    buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 10),
)  # fmt: skip
INTERNAL_REQUESTS = Counter(
    "gateway_internal_api_total", "Requests at the internal API, by the status that answered them", ["status"]
)
INTERNAL_REFUSED = Counter(
    "gateway_internal_api_refused_total",
    "Requests at the internal API that were not let in: address, token, or both of them wrong",
    ["reason"],
)
INTERNAL_SECONDS = Histogram(
    "gateway_internal_api_seconds", "From a request that was let in to its answer, by route", ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
_CODES = frozenset({400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 504})
POLLING = Counter("gateway_polling_total", "Rounds of long polling, by what came of them", ["outcome"])


# There from the start: Prometheus sees no increase in a series that begins with 1.
for _outcome in ("200", "503"):
    WEBHOOK_SECONDS.labels(_outcome)
for _outcome in ("ok", "refused", "no_answer"):
    PRECHECKOUTS.labels(_outcome)


@cache
def api_calls(method: str, code: str) -> Counter:
    """Return the counter of one method and code, looked up once: this is on the way of every tap."""
    return API_CALLS.labels(method, code)


def code_label(code: int) -> str:
    """Return an error's code as a label: whatever answers in the Bot API's place must not make a series with each."""
    return str(code) if code in _CODES else "other"


@cache
def api_seconds(method: str) -> Histogram:
    """Return the histogram of one method."""
    return API_SECONDS.labels(method)


@cache
def webhook_seconds(outcome: str) -> Histogram:
    """Return the histogram of one outcome at the webhook's door."""
    return WEBHOOK_SECONDS.labels(outcome)
