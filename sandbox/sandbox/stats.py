"""Counters of what went through the sandbox, for `GET /sandbox/api/stats`."""

from collections import Counter
from typing import Any

PAYMENT_OUTCOMES = (
    "asked",
    "ok",
    "refused",
    "no_answer",
    "cancelled",
    "balance_too_low",
    "paid",
    "refunded",
    "charged_back",
    "late_answers",
    "double_answers",
    "unknown_answers",
)


class Stats:
    """Plain counters, all since start (or since the last reset)."""

    def __init__(self) -> None:
        self.updates: dict[str, Counter[str]] = {}
        self.methods: dict[str, Counter[str]] = {}
        self.callbacks: Counter[str] = Counter()
        self.webhook: Counter[str] = Counter()
        self.payments: Counter[str] = Counter()

    def update(self, outcome: str, kind: str) -> None:
        """Count an update: made, delivered, retried, expired, not_allowed, or a fault's name."""
        counter = self.updates.get(outcome)
        if counter is None:
            counter = self.updates[outcome] = Counter()
        counter[kind] += 1

    def method(self, method: str, outcome: str) -> None:
        """Count a Bot API call by its outcome: `ok`, or the error code."""
        counter = self.methods.get(method)
        if counter is None:
            counter = self.methods[method] = Counter()
        counter[outcome] += 1

    def view(self) -> dict[str, Any]:
        """All counters as JSON; `answered_ratio` is answered / made (1.0 before the first tap)."""
        made, answered = self.callbacks["made"], self.callbacks["answered"]
        return {
            "updates": {outcome: {"total": sum(c.values()), **c} for outcome, c in self.updates.items()},
            "methods": {method: dict(c) for method, c in sorted(self.methods.items())},
            "callbacks": {
                "made": made,
                "answered": answered,
                "double_answers": self.callbacks["double_answers"],
                "late_answers": self.callbacks["late_answers"],
                "unknown_answers": self.callbacks["unknown_answers"],
                "answered_ratio": answered / made if made else 1.0,
            },
            "webhook": dict(self.webhook),
            "payments": {outcome: self.payments[outcome] for outcome in PAYMENT_OUTCOMES},
        }

    def reset(self) -> None:
        """Count from zero again."""
        for counters in (self.updates, self.methods, self.callbacks, self.webhook, self.payments):
            counters.clear()
