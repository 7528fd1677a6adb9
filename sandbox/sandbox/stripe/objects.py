"""The objects as Stripe shows them, with the fields this stand-in has something to say about."""

from sandbox.stripe.book import Json, new_id


def session_object(created: int, given: Json, amount: int, currency: str, url_base: str) -> Json:
    """A checkout session that waits to be paid; `given` holds what the caller said."""
    session_id = new_id("cs_test")
    return {
        "id": session_id,
        "object": "checkout.session",
        "amount_subtotal": amount,
        "amount_total": amount,
        "cancel_url": given["cancel_url"],
        "client_reference_id": given["client_reference_id"],
        "created": created,
        "currency": currency,
        "customer": None,
        "customer_details": None,
        "customer_email": given["customer_email"],
        "expires_at": given["expires_at"],
        "livemode": False,
        "locale": given["locale"],
        "metadata": given["metadata"],
        "mode": "payment",
        "payment_intent": None,
        "payment_method_types": given["payment_method_types"],
        "payment_status": "unpaid",
        "status": "open",
        "success_url": given["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{url_base}/pay/{session_id}",
        "_intent": given["payment_intent_data"],
    }


def line_item_object(title: str, currency: str, unit_amount: int, quantity: int) -> Json:
    """One line of a session."""
    total = unit_amount * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": currency,
        "description": title,
        "price": {"object": "price", "currency": currency, "type": "one_time", "unit_amount": unit_amount},
        "quantity": quantity,
    }


def intent_object(created: int, session: Json, lines: list[Json]) -> Json:
    """The payment intent of a session, made when the buyer first tries to pay."""
    given = session["_intent"]
    return {
        "id": new_id("pi"),
        "object": "payment_intent",
        "amount": session["amount_total"],
        "amount_capturable": 0,
        "amount_received": 0,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "created": created,
        "currency": session["currency"],
        "customer": None,
        "description": given["description"] or lines[0]["description"],
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": dict(given["metadata"]),
        "payment_method_types": session["payment_method_types"],
        "receipt_email": session["customer_email"],
        "status": "requires_payment_method",
    }


def charge_object(created: int, intent: Json, how: str) -> Json:
    """One try to take the money; metadata and description are the intent's."""
    card = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034, "funding": "credit"}
    details: Json = {"type": "card", "card": card}
    if how == "later":
        details = {"type": "sepa_debit", "sepa_debit": {"bank_code": "37040044", "country": "DE", "last4": "3000"}}
    return {
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"name": "Erika Mustermann", "email": intent["receipt_email"]},
        "captured": False,
        "created": created,
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method_details": details,
        "refunded": False,
        "status": "pending",
    }


def refund_object(created: int, charge: Json, amount: int, reason: str | None, metadata: dict[str, str]) -> Json:
    """Money on its way back to the buyer."""
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "failure_balance_transaction": None,
        "failure_reason": None,
        "metadata": metadata,
        "payment_intent": charge["payment_intent"],
        "pending_reason": None,
        "reason": reason,
        "receipt_number": None,
        "status": "succeeded",
    }


def dispute_object(created: int, charge: Json, reason: str) -> Json:
    """The buyer's bank takes the money back, for now."""
    return {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount"] - charge["amount_refunded"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "evidence": {},
        "evidence_details": {"due_by": created + 9 * 86_400, "has_evidence": False, "submission_count": 0},
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }
