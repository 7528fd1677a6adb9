"""Updates about money: durable, logged, never limited, on a lane of their own. What they say is handed to payments."""

from datetime import UTC, datetime

import structlog

from actors.turn import Turn
from contracts.gateway import TelegramPaymentUpdate
from contracts.payments import Provider, RecordPayment, RecordRefund, RefundReason
from gateway.domain.chat import Chat, nearest_language
from gateway.domain.effects import CHECKOUT_PRIORITY, AnswerPreCheckout
from gateway.domain.log import Outcome, UpdateRow
from gateway.domain.payment import Money, charge_of, read_payment, read_query
from gateway.handlers.table import actor

log = structlog.get_logger()


@actor.on(TelegramPaymentUpdate)
def hear_payment(message: TelegramPaymentUpdate, chat: Chat, turn: Turn) -> None:
    """Hand an update about money on and log it. What cannot be read of it is left to reconciliation."""
    if message.kind == "pre_checkout_query":
        outcome = _about_to_pay(message, chat, turn)
    elif message.kind == "message":
        outcome = _money_moved(message, turn)
    else:
        outcome = Outcome("ignored")
        log.warning("payment_update_unknown", kind=message.kind, update_id=message.update_id)
    row = UpdateRow(
        update_id=message.update_id,
        player_id=message.player_id,
        chat_id=chat.player_id,
        kind=message.kind if message.kind != "message" else "payment",
        command=outcome.command,
        status=outcome.status,
        received_at=message.received_at,
    )
    turn.record(row)


def _about_to_pay(message: TelegramPaymentUpdate, chat: Chat, turn: Turn) -> Outcome:
    query = read_query(message.update)
    if query is None:
        return _unreadable(message)
    code = "" if query.player is None else query.player.language_code
    effect = AnswerPreCheckout(
        player_id=message.player_id,
        query_id=query.id,
        payload=query.invoice_payload,
        amount=query.total_amount,
        currency=query.currency,
        language=chat.language or nearest_language(code),
        received_at=message.received_at,
    )
    turn.perform(effect, ordering_key=f"precheckout:{query.id}", priority=CHECKOUT_PRIORITY)
    return Outcome(command="pre_checkout")


def _money_moved(message: TelegramPaymentUpdate, turn: Turn) -> Outcome:
    note = read_payment(message.update)
    if note is None:
        return _unreadable(message)
    # Money has come or gone by the time we hear of it, whatever its date says.
    at = min(datetime.fromtimestamp(note.date, UTC), message.received_at) if note.date else message.received_at
    if note.successful_payment is not None:
        turn.emit(_payment(message, note.successful_payment, at))
        return Outcome(command="paid")
    refunded = note.refunded_payment
    if refunded is None or not refunded.telegram_payment_charge_id:
        return _unreadable(message)
    turn.emit(
        RecordRefund(
            player_id=message.player_id,
            provider=Provider.TELEGRAM,
            charge_id=refunded.telegram_payment_charge_id,
            reason=RefundReason.PROVIDER,
            refunded_at=at,
        )
    )
    return Outcome(command="refunded")


def _unreadable(message: TelegramPaymentUpdate) -> Outcome:
    """Say so: what of the money is true, reconciliation finds in the provider's own list."""
    log.error("payment_update_unreadable", kind=message.kind, update_id=message.update_id)
    return Outcome("unreadable")


def _payment(message: TelegramPaymentUpdate, money: Money, paid_at: datetime) -> RecordPayment:
    return RecordPayment(
        player_id=message.player_id,
        provider=Provider.TELEGRAM,
        charge_id=charge_of(money, message.update),
        payload=money.invoice_payload,
        amount=money.total_amount,
        currency=money.currency,
        paid_at=paid_at,
    )
