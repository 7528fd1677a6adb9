"""What this Stripe remembers: objects by kind, oldest first, in the very form the API shows them."""

import secrets
from typing import Any

from sandbox.clock import Clock
from sandbox.stripe.errors import missing

Json = dict[str, Any]
NOUNS = {
    "sessions": "checkout.session",
    "payment_intents": "payment_intent",
    "charges": "charge",
    "refunds": "refund",
    "disputes": "dispute",
    "balance_transactions": "balance_transaction",
    "events": "event",
}
CARD_FEE_FIXED, CARD_FEE_PER_MILLE = 25, 15
DISPUTE_FEE = 2000


def new_id(prefix: str) -> str:
    """An id nobody had before, also not before a restart."""
    return f"{prefix}_{secrets.token_hex(12)}"


class Book:
    """All objects of one account. Balance transactions are only ever added."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.kinds: dict[str, dict[str, Json]] = {kind: {} for kind in NOUNS}
        self.line_items: dict[str, list[Json]] = {}

    def now(self) -> int:
        """Unix seconds, as Stripe stamps everything."""
        return int(self._clock.now())

    def add(self, kind: str, entry: Json) -> Json:
        """Keep an object under its id."""
        self.kinds[kind][entry["id"]] = entry
        return entry

    def get(self, kind: str, wanted: str, param: str = "id", status: int = 404) -> Json:
        """The object with this id; a StripeError `resource_missing` when there is none."""
        found = self.kinds[kind].get(wanted)
        if found is None:
            raise missing(NOUNS[kind], wanted, param, status)
        return found

    def intent_of(self, session: Json) -> Json | None:
        """The payment intent of a session that somebody tried to pay."""
        intent_id: str | None = session["payment_intent"]
        return None if intent_id is None else self.get("payment_intents", intent_id)

    def session_of(self, intent: Json) -> Json | None:
        """The session a payment intent came from."""
        sessions = self.kinds["sessions"].values()
        return next((one for one in sessions if one["payment_intent"] == intent["id"]), None)

    def move(self, category: str, amount: int, source: Json, fee: int = 0) -> Json:
        """Book money on the balance: `amount` in minor units, negative when it leaves; `fee` is Stripe's."""
        now = self.now()
        kinds = {"dispute": "adjustment", "dispute_reversal": "adjustment"}
        entry: Json = {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": now,
            "balance_type": "payments",
            "created": now,
            "currency": source["currency"],
            "description": None,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": [],
            "net": amount - fee,
            "reporting_category": category,
            "source": source["id"],
            "status": "available",
            "type": kinds.get(category, category),
        }
        return self.add("balance_transactions", entry)

    def balance(self) -> dict[str, int]:
        """Net sum of all balance transactions per currency, in minor units."""
        sums: dict[str, int] = {}
        for entry in self.kinds["balance_transactions"].values():
            sums[entry["currency"]] = sums.get(entry["currency"], 0) + entry["net"]
        return sums
