"""Updates about money: durable, logged, never limited, on a lane of their own. What they say is handed to payments."""

from datetime import UTC, datetime

import structlog

from actors.turn import Turn
from contracts.gateway import TelegramPaymentUpdate
from contracts.payments import Provider, RecordPayment, RecordRefund, RefundReason
from gateway.domain.chat import Chat, nearest_language
from gateway.domain.effects import CHECKOUT_PRIORITY, AnswerPreCheckout
from gateway.domain.log import UpdateRow
from gateway.domain.payment import Money, payment_decoder, query_decoder
from gateway.handlers.table import actor

log = structlog.get_logger()


@actor.on(TelegramPaymentUpdate)
def hear_payment(message: TelegramPaymentUpdate, chat: Chat, turn: Turn) -> None:
    """Hand an update about money on and log it. One that cannot be read raises, and is kept as a dead letter."""
    if message.kind == "pre_checkout_query":
        command = _about_to_pay(message, chat, turn)
    elif message.kind == "message":
        command = _money_moved(message, turn)
    else:
        command = ""
        log.warning("payment_update_unknown", kind=message.kind, update_id=message.update_id)
    row = UpdateRow(
        update_id=message.update_id,
        player_id=message.player_id,
        chat_id=chat.player_id,
        kind=message.kind if message.kind != "message" else "payment",
        command=command,
        status="handled" if command else "ignored",
        received_at=message.received_at,
    )
    turn.record(row)


def _about_to_pay(message: TelegramPaymentUpdate, chat: Chat, turn: Turn) -> str:
    query = query_decoder.decode(message.update).pre_checkout_query
    effect = AnswerPreCheckout(
        player_id=message.player_id,
        query_id=query.id,
        payload=query.invoice_payload,
        amount=query.total_amount,
        currency=query.currency,
        language=chat.language or nearest_language(query.player.language_code),
        received_at=message.received_at,
    )
    turn.perform(effect, lane=f"precheckout:{query.id}", priority=CHECKOUT_PRIORITY)
    return "pre_checkout"


def _money_moved(message: TelegramPaymentUpdate, turn: Turn) -> str:
    note = payment_decoder.decode(message.update).message
    at = datetime.fromtimestamp(note.date, UTC)
    if note.successful_payment is not None:
        turn.emit(_payment(message.player_id, note.successful_payment, at))
        return "paid"
    if note.refunded_payment is not None:
        turn.emit(
            RecordRefund(
                player_id=message.player_id,
                provider=Provider.TELEGRAM,
                charge_id=note.refunded_payment.telegram_payment_charge_id,
                reason=RefundReason.PROVIDER,
                refunded_at=at,
            )
        )
        return "refunded"
    return ""


def _payment(player_id: int, money: Money, paid_at: datetime) -> RecordPayment:
    return RecordPayment(
        player_id=player_id,
        provider=Provider.TELEGRAM,
        charge_id=money.telegram_payment_charge_id,
        payload=money.invoice_payload,
        amount=money.total_amount,
        currency=money.currency,
        paid_at=paid_at,
    )
