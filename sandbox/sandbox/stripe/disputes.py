"""Money that is taken back: disputes that a buyer opened with their bank."""

from sandbox.stripe.book import DISPUTE_FEE, Book, Json
from sandbox.stripe.errors import StripeError
from sandbox.stripe.events import Events
from sandbox.stripe.objects import dispute_object

OUTCOMES = ("won", "lost")
REASONS = ("fraudulent", "duplicate", "product_not_received", "product_unacceptable", "credit_not_processed", "general")


class Disputes:
    """Opens and closes disputes. The money leaves when one is opened and comes back when it is won; the fee stays."""

    def __init__(self, book: Book, events: Events) -> None:
        self._book = book
        self._events = events

    def open(self, charge: Json, reason: str) -> Json:
        """The bank takes the money and asks for evidence."""
        if charge["disputed"]:
            raise StripeError(f"Charge {charge['id']} has a dispute already.")
        if charge["refunded"]:
            raise StripeError(f"Charge {charge['id']} is refunded; there is nothing left to dispute.")
        dispute = self._book.add("disputes", dispute_object(self._book.now(), charge, reason))
        charge["disputed"] = True
        dispute["balance_transactions"].append(self._book.move("dispute", -dispute["amount"], dispute, DISPUTE_FEE))
        self._events.record("charge.dispute.created", dispute)
        self._events.record("charge.dispute.funds_withdrawn", dispute)
        return dispute

    def close(self, dispute_id: str, outcome: str) -> Json:
        """Decide a dispute as the buyer's bank would: `outcome` is `won` or `lost`, seen from the shop."""
        dispute = self._book.get("disputes", dispute_id, "dispute")
        if dispute["status"] in OUTCOMES:
            raise StripeError(f"This dispute is {dispute['status']} already.")
        before, dispute["status"] = {"status": dispute["status"]}, outcome
        if outcome == "won":
            dispute["balance_transactions"].append(self._book.move("dispute_reversal", dispute["amount"], dispute))
            self._events.record("charge.dispute.funds_reinstated", dispute)
        self._events.record("charge.dispute.closed", dispute, before)
        return dispute
