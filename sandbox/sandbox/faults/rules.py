"""Fault rules: which update or call they hit, how often, and what they do to it."""

import random
from dataclasses import dataclass
from typing import Any

from sandbox.stats import Stats

UPDATE_FAULTS = ("drop", "delay", "duplicate", "repeat", "reorder", "hold")
METHOD_FAULTS = (
    "429",
    "500",
    "502",
    "503",
    "504",
    "blocked",
    "timeout",
    "timeout_after",
    "500_after",
    "502_after",
    "503_after",
    "504_after",
)
AFTER = "_after"
"""Faults of calls that end so let the call take effect first."""
PAYMENT_FAULTS = ("unasked", "early")
TARGETS = {"update": "kind", "method": "method"}
"""What a rule may name, by what it is on; a payment has no name."""


@dataclass(slots=True)
class Fault:
    """One rule. `target` is an update kind, a topic (`message.successful_payment`) or a method name, `*` for all.

    `count` None means without end; `chat_id` narrows a rule to one player.
    """

    id: int
    on: str
    target: str
    do: str
    probability: float = 1.0
    count: int | None = None
    delay_ms: int = 0
    retry_after: int = 1
    seconds: float | None = None
    chat_id: int | None = None
    status: int = 0
    body: str = ""
    content_type: str = ""
    location: str = ""
    retry_after_header: str = ""
    hits: int = 0

    def view(self) -> dict[str, Any]:
        """The rule as JSON, with how often it hit."""
        view: dict[str, Any] = {"id": self.id, "on": self.on}
        if self.on in TARGETS:
            view[TARGETS[self.on]] = self.target
        view |= {"do": self.do, "probability": self.probability, "count": self.count, "hits": self.hits}
        if self.delay_ms:
            view["delay_ms"] = self.delay_ms
        if self.do == "429":
            view["retry_after"] = self.retry_after
        if self.do.startswith("timeout"):
            view["seconds"] = self.seconds
        if self.do.startswith("raw"):
            body = self.body.encode("utf-8", "surrogatepass").decode(errors="replace")
            view |= {"status": self.status, "body": body, "content_type": self.content_type}
        if self.location:
            view["location"] = self.location
        if self.chat_id is not None:
            view["chat_id"] = self.chat_id
        return view


class Faults:
    """The active rules, in the order they were set. The first that fits and is drawn decides."""

    def __init__(self, stats: Stats) -> None:
        self._stats = stats
        self._next_id = 1
        self._random = random.Random()  # noqa: S311 - repeatable faults, no secrets
        self.on_updates: list[Fault] = []
        self.on_methods: list[Fault] = []
        self.on_payments: list[Fault] = []

    def seed(self, seed: int) -> None:
        """Make the draws of chance repeatable."""
        self._random.seed(seed)

    def add(self, on: str, target: str, do: str, **details: Any) -> Fault:
        """Set one rule; `details` are fields of `Fault`."""
        fault = Fault(self._next_id, on, target if on == "update" else target.lower(), do, **details)
        self._next_id += 1
        {"update": self.on_updates, "method": self.on_methods}.get(on, self.on_payments).append(fault)
        return fault

    def clear(self) -> None:
        """Drop every rule; nothing goes wrong any more."""
        self.on_updates.clear()
        self.on_methods.clear()
        self.on_payments.clear()

    def all(self) -> list[Fault]:
        """Every active rule."""
        return [*self.on_updates, *self.on_methods, *self.on_payments]

    def for_update(self, kind: str, topic: str) -> Fault | None:
        """The fault that hits this update, if any; rules may name its kind or its topic."""
        return self._drawn(self.on_updates, ("*", kind, topic), None) if self.on_updates else None

    def for_method(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault that hits this call (lower-cased method name), if any."""
        return self._drawn(self.on_methods, ("*", method), chat_id) if self.on_methods else None

    def for_payment(self, player_id: int) -> Fault | None:
        """The fault that hits this player's payment, if any."""
        return self._drawn(self.on_payments, ("*",), player_id) if self.on_payments else None

    def _drawn(self, rules: list[Fault], targets: tuple[str, ...], chat_id: int | None) -> Fault | None:
        for fault in rules:
            if fault.target not in targets or fault.count == fault.hits:
                continue
            if fault.chat_id is not None and fault.chat_id != chat_id:
                continue
            if fault.probability < 1.0 and self._random.random() >= fault.probability:
                continue
            fault.hits += 1
            return fault
        return None
