"""Updates about money: durable and logged on a lane of their own. There is no shop yet, so a payment is refused."""

import msgspec
import structlog

from actors.turn import Turn
from contracts.gateway import TelegramPaymentUpdate
from gateway.domain.chat import Chat
from gateway.domain.effects import TAP_PRIORITY, RefusePreCheckout
from gateway.domain.log import UpdateRow
from gateway.handlers.table import Front, actor

log = structlog.get_logger()


class _Query(msgspec.Struct):
    id: str


class _PreCheckout(msgspec.Struct):
    pre_checkout_query: _Query


_pre_checkout = msgspec.json.Decoder(_PreCheckout)


@actor.on(TelegramPaymentUpdate)
def hear_payment(message: TelegramPaymentUpdate, chat: Chat, front: Front, turn: Turn) -> None:
    """Log the update. A pre-checkout is refused politely; money that came in regardless is an error to be seen."""
    command = ""
    if message.kind == "pre_checkout_query":
        query_id = _pre_checkout.decode(message.update).pre_checkout_query.id
        reason = front.texts.voice(chat.language).plain("precheckout-refused")
        effect = RefusePreCheckout(query_id=query_id, reason=reason)
        turn.perform(effect, lane=f"precheckout:{query_id}", priority=TAP_PRIORITY)
        command = "refused"
    else:
        log.error("payment_without_shop", update_id=message.update_id, player_id=message.player_id)
    row = UpdateRow(
        update_id=message.update_id,
        player_id=message.player_id,
        chat_id=chat.player_id,
        kind=message.kind if message.kind != "message" else "payment",
        command=command,
        status="handled",
        received_at=message.received_at,
    )
    turn.record(row)
