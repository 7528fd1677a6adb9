"""Payments in Telegram Stars: invoices, the answer before a payment, the bot's transactions, refunds."""

import re
from typing import Any

from sandbox.bot_api.messages import open_chat, post
from sandbox.bot_api.telegram import Arguments, Handler, Telegram
from sandbox.entities.html import utf16_length
from sandbox.errors import bad_request
from sandbox.schema.keyboard import is_web_address
from sandbox.settlement import give_back
from sandbox.world.invoice import CURRENCY, Invoice
from sandbox.world.star_rows import star_amount

TITLE_MAX = 32
DESCRIPTION_MAX = 255
PAYLOAD_BYTES_MAX = 128
AMOUNT_MAX = 9999_9999_9999
"""TDLib's bound for any currency; for Stars the server's may be lower and is not documented."""
TRANSACTIONS_MAX = 100
SUBSCRIPTION_SECONDS = 2_592_000
SUBSCRIPTION_STARS_MAX = 10_000
_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{0,64}")


def send_invoice(telegram: Telegram, args: Arguments) -> dict[str, Any]:
    """sendInvoice, for Stars only; without a keyboard Telegram adds the pay button."""
    chat = open_chat(telegram, args)
    return post(telegram, chat, args, ("", []), _invoice(args))


def create_invoice_link(telegram: Telegram, args: Arguments) -> str:
    """createInvoiceLink. Whoever opens the link can pay; a subscription is charged once and not renewed here."""
    if args.get("business_connection_id"):
        raise bad_request("BUSINESS_CONNECTION_INVALID")
    invoice = _invoice(args)
    period = args.get("subscription_period")
    if period is not None:
        if period != SUBSCRIPTION_SECONDS:
            raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
        if invoice.amount > SUBSCRIPTION_STARS_MAX:
            raise bad_request("STARS_INVOICE_INVALID")
        invoice.subscription_period = period
    return f"https://t.me/${telegram.world.stars.new_link(invoice)}"


def answer_pre_checkout_query(telegram: Telegram, args: Arguments) -> bool:
    """answerPreCheckoutQuery: once and within ten seconds; a no needs its reason for the player."""
    ok, error_message = args["ok"], args.get("error_message")
    if not ok and not error_message:
        raise bad_request('parameter "error_message" is required')
    world = telegram.world
    message = None if ok else error_message
    checkout = world.checkouts.answer(args["pre_checkout_query_id"], ok=ok, error_message=message)
    extra = {"pre_checkout_query_id": checkout.id, "ok": ok, "error_message": message}
    world.emit("checkout", checkout.player_id, checkout.message_id, extra=extra)
    return True


def get_star_transactions(telegram: Telegram, args: Arguments) -> dict[str, Any]:
    """getStarTransactions: oldest first; `offset` is the number of rows to skip. Out of range is brought into range."""
    offset = max(args.get("offset", 0), 0)
    limit = min(max(args.get("limit", TRANSACTIONS_MAX), 1), TRANSACTIONS_MAX)
    rows = telegram.world.stars.transactions[offset : offset + limit]
    return {"transactions": [row.telegram() for row in rows]}


def get_my_star_balance(telegram: Telegram, _args: Arguments) -> dict[str, Any]:
    """getMyStarBalance: what came in, less refunds, chargebacks and all else that left, to the billionth."""
    return star_amount(telegram.world.stars.nanos)


def refund_star_payment(telegram: Telegram, args: Arguments) -> bool:
    """refundStarPayment: the whole charge, once, to the player who paid it."""
    world, charge_id = telegram.world, args["telegram_payment_charge_id"]
    if args["user_id"] not in world.chats:
        raise bad_request("USER_ID_INVALID")
    if not charge_id:
        raise bad_request("CHARGE_ID_EMPTY")
    charge = world.stars.charges.get(charge_id)
    if charge is None or charge.player.id != args["user_id"]:
        raise bad_request("CHARGE_NOT_FOUND")
    if charge.state != "paid":
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    give_back(world, telegram.updates, charge)
    return True


def _invoice(args: Arguments) -> Invoice:
    """The invoice both methods describe; 400 for what Telegram would not take."""
    title, description = _sized(args, "title", TITLE_MAX), _sized(args, "description", DESCRIPTION_MAX)
    payload = args["payload"]
    if not payload:
        raise bad_request('parameter "payload" is required')
    if len(payload.encode()) > PAYLOAD_BYTES_MAX:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    if args["currency"] != CURRENCY or args.get("provider_token"):
        raise bad_request("PAYMENT_PROVIDER_INVALID")
    photo_url = args.get("photo_url") or None
    if photo_url is not None and not is_web_address(photo_url):
        raise bad_request("WEBDOCUMENT_URL_INVALID")
    start_parameter = args.get("start_parameter", "")
    if not _START_PARAMETER.fullmatch(start_parameter):
        raise bad_request("START_PARAM_INVALID")
    return Invoice(title, description, payload, _price(args), CURRENCY, start_parameter, photo_url)


def _sized(args: Arguments, name: str, length_max: int) -> str:
    text = args[name]
    if not text.strip():
        raise bad_request(f'parameter "{name}" is required')
    if utf16_length(text) > length_max:
        raise bad_request(f"{name} is longer than {length_max} characters")
    return text


def _price(args: Arguments) -> int:
    """Stars know no parts, tips or shares of a Star: exactly one price, 1 or more."""
    prices = args["prices"]
    if not prices:
        raise bad_request("there must be at least one price")
    if any(not price["label"] for price in prices):
        raise bad_request("can't parse labeled price: LabeledPrice label must be non-empty")
    if len(prices) != 1 or args.get("max_tip_amount") or args.get("suggested_tip_amounts"):
        raise bad_request("STARS_INVOICE_INVALID")
    amount: int = prices[0]["amount"]
    if amount < 1:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    if amount > AMOUNT_MAX:
        raise bad_request("too big amount of the currency specified")
    return amount


METHODS: dict[str, Handler] = {
    "sendInvoice": send_invoice,
    "createInvoiceLink": create_invoice_link,
    "answerPreCheckoutQuery": answer_pre_checkout_query,
    "getStarTransactions": get_star_transactions,
    "getMyStarBalance": get_my_star_balance,
    "refundStarPayment": refund_star_payment,
}
