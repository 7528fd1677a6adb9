"""Checkout sessions are opened, paid, settled and expired here, and nowhere else."""

from sandbox.stripe.book import CARD_FEE_FIXED, CARD_FEE_PER_MILLE, Book, Json
from sandbox.stripe.errors import StripeError
from sandbox.stripe.events import Events
from sandbox.stripe.objects import charge_object, intent_object

HOWS = ("card", "later", "declined")
DECLINED = "Your card was declined."


class Checkout:
    """Moves a session: open → complete (paid, or unpaid until the bank settles it) or expired."""

    def __init__(self, book: Book, events: Events) -> None:
        self._book = book
        self._events = events

    def session(self, session_id: str) -> Json:
        """The session, expired first if its time is over."""
        session = self._book.get("sessions", session_id, "session")
        if session["status"] == "open" and session["expires_at"] <= self._book.now():
            self._expire(session)
        return session

    def sweep(self) -> None:
        """Expire every session whose time is over."""
        for session_id in [key for key, one in self._book.kinds["sessions"].items() if one["status"] == "open"]:
            self.session(session_id)

    def expire(self, session_id: str) -> Json:
        """End an open session."""
        session = self.session(session_id)
        if session["status"] != "open":
            status = session["status"]
            raise StripeError(
                f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status '
                f"of `{status}`."
            )
        self._expire(session)
        return session

    def pay(self, session_id: str, how: str) -> Json:
        """A buyer pays: by card at once, later through their bank, or with a card that is declined."""
        session = self.session(session_id)
        if session["status"] != "open":
            raise StripeError(f"This Checkout Session is {session['status']} and can no longer be paid.")
        intent = self._book.intent_of(session)
        if intent is None:
            intent = self._intent(session)
        charge = self._book.add(
            "charges", charge_object(self._book.now(), intent, "later" if how == "later" else "card")
        )
        intent["latest_charge"] = charge["id"]
        if how == "declined":
            self._decline(intent, charge)
            return session
        session["status"], session["url"] = "complete", None
        session["customer_details"] = {"email": session["customer_email"], "name": "Erika Mustermann", "phone": None}
        if how == "later":
            intent["status"], charge["status"], charge["paid"] = "processing", "pending", False
            self._events.record("payment_intent.processing", intent)
            self._events.record("charge.pending", charge)
        else:
            self._settle(session, intent, charge)
        self._events.record("checkout.session.completed", session)
        return session

    def settle(self, session_id: str) -> Json:
        """The bank pays what was promised."""
        session, intent, charge = self._awaited(session_id)
        self._settle(session, intent, charge)
        self._events.record("checkout.session.async_payment_succeeded", session)
        return session

    def fail(self, session_id: str) -> Json:
        """The bank does not pay what was promised."""
        session, intent, charge = self._awaited(session_id)
        self._decline(intent, charge, "The customer's bank account could not be debited.", "debit_not_authorized")
        self._events.record("checkout.session.async_payment_failed", session)
        return session

    def _awaited(self, session_id: str) -> tuple[Json, Json, Json]:
        session = self.session(session_id)
        intent = self._book.intent_of(session)
        if intent is None or intent["status"] != "processing":
            raise StripeError("No payment of this Checkout Session is being processed.")
        return session, intent, self._book.get("charges", intent["latest_charge"])

    def _intent(self, session: Json) -> Json:
        intent = intent_object(self._book.now(), session, self._book.line_items[session["id"]])
        self._book.add("payment_intents", intent)
        session["payment_intent"] = intent["id"]
        self._events.record("payment_intent.created", intent)
        return intent

    def _settle(self, session: Json, intent: Json, charge: Json) -> None:
        """Book a payment that succeeded, and tell of it by events."""
        by_card = charge["payment_method_details"]["type"] == "card"
        charge.update(status="succeeded", paid=True, captured=True, amount_captured=charge["amount"])
        fee = min(CARD_FEE_FIXED + charge["amount"] * CARD_FEE_PER_MILLE // 1000, charge["amount"])
        entry = self._book.move("charge", charge["amount"], charge, fee)
        entry["type"] = "charge" if by_card else "payment"
        charge["balance_transaction"] = entry["id"]
        intent.update(status="succeeded", amount_received=intent["amount"], last_payment_error=None)
        session["payment_status"] = "paid"
        self._events.record("charge.succeeded", charge)
        self._events.record("payment_intent.succeeded", intent)

    def _decline(self, intent: Json, charge: Json, message: str = DECLINED, code: str = "card_declined") -> None:
        charge.update(status="failed", paid=False, failure_code=code, failure_message=message)
        error = {"type": "card_error", "code": code, "message": message, "charge": charge["id"]}
        intent.update(status="requires_payment_method", last_payment_error=error)
        self._events.record("charge.failed", charge)
        self._events.record("payment_intent.payment_failed", intent)

    def _expire(self, session: Json) -> None:
        session["status"], session["url"] = "expired", None
        intent = self._book.intent_of(session)
        if intent is not None:
            intent.update(status="canceled", canceled_at=self._book.now(), cancellation_reason="automatic")
            self._events.record("payment_intent.canceled", intent)
        self._events.record("checkout.session.expired", session)
