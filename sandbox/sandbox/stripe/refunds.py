"""Money that goes back: refunds that somebody asked for."""

from sandbox.stripe.book import Book, Json
from sandbox.stripe.errors import StripeError
from sandbox.stripe.events import Events
from sandbox.stripe.objects import refund_object

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
OUTCOMES = ("succeeded", "failed")


class Refunds:
    """Makes refunds and settles those that the bank takes its time for."""

    def __init__(self, book: Book, events: Events) -> None:
        self._book = book
        self._events = events

    def make(
        self,
        charge: Json,
        amount: int | None = None,
        reason: str | None = None,
        metadata: dict[str, str] | None = None,
        *,
        pending: bool | None = None,
    ) -> Json:
        """Refund `amount` minor units, or all that is left. Debits by bank are refunded as pending, cards at once."""
        amount = self._checked(charge, amount)
        by_card = charge["payment_method_details"]["type"] == "card"
        refund = refund_object(self._book.now(), charge, amount, reason, metadata or {})
        if pending if pending is not None else not by_card:
            refund.update(status="pending", pending_reason="processing")
        self._book.add("refunds", refund)
        entry = self._book.move("refund", -amount, refund)
        entry["type"] = "refund" if by_card else "payment_refund"
        refund["balance_transaction"] = entry["id"]
        before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
        self._book_on(charge, amount)
        self._events.record("refund.created", refund)
        self._events.record("charge.refunded", charge, before)
        return refund

    def settle(self, refund_id: str, outcome: str) -> Json:
        """The bank has done it, or sends the money back to the merchant."""
        refund = self._book.get("refunds", refund_id, "refund")
        if refund["status"] != "pending":
            raise StripeError(f"This refund is {refund['status']}; only a pending one can be settled.")
        refund.update(status=outcome, pending_reason=None)
        if outcome == "failed":
            refund["failure_reason"] = "declined"
            refund["failure_balance_transaction"] = self._book.move("refund_failure", refund["amount"], refund)["id"]
            self._book_on(self._book.get("charges", refund["charge"]), -refund["amount"])
        self._events.record("refund.updated", refund, {"status": "pending"})
        self._events.record("charge.refund.updated", refund, {"status": "pending"})
        if outcome == "failed":
            self._events.record("refund.failed", refund)
        return refund

    def _checked(self, charge: Json, amount: int | None) -> int:
        if charge["disputed"]:
            message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
            raise StripeError(message, code="charge_disputed")
        left: int = charge["amount"] - charge["amount_refunded"]
        if left == 0:
            raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
        if amount is not None and amount > left:
            raise StripeError(
                f"Refund amount ({_shown(amount)}) is greater than unrefunded amount on charge ({_shown(left)})",
                param="amount",
            )
        return left if amount is None else amount

    def _book_on(self, charge: Json, amount: int) -> None:
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]


def paid_charge(book: Book, charge_id: str | None, intent_id: str | None) -> Json:
    """The charge that took the money, by its own id or its payment intent's; refused when none did."""
    if charge_id is None:
        if intent_id is None:
            raise StripeError("One of the following params should be provided: `payment_intent` or `charge`.")
        charge_id = book.get("payment_intents", intent_id, "payment_intent")["latest_charge"]
    charge = None if charge_id is None else book.get("charges", charge_id, "charge")
    if charge is None or charge["status"] != "succeeded":
        name = intent_id or (charge or {}).get("payment_intent")
        raise StripeError(f"This PaymentIntent ({name}) does not have a successful charge to refund.")
    return charge


def _shown(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02d}"
