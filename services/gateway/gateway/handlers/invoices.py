"""The message with an invoice: kept when it was sent, and taken out of the chat again."""

from actors.turn import Turn
from contracts.payments import RecordInvoiceSent
from gateway.domain.effects import SCREEN_PRIORITY, RemoveMessage
from gateway.domain.internal_commands import RecordInvoice
from gateway.domain.invoice import Invoice
from gateway.handlers.table import actor


@actor.on(RecordInvoice)
def note_invoice(note: RecordInvoice, invoice: Invoice, turn: Turn) -> None:
    """Keep where the invoice stands, tell payments, and take an earlier message with the same one back."""
    take_back(invoice, note.player_id, turn)
    invoice.message_id, invoice.sent_at, invoice.thread_id = note.message_id, note.sent_at, note.thread_id
    turn.emit(RecordInvoiceSent(player_id=note.player_id, purchase_id=note.purchase_id))


def take_back(invoice: Invoice, player_id: int, turn: Turn) -> None:
    """Take the message with an invoice out of the chat, if one stands there."""
    if invoice.message_id:
        effect = RemoveMessage(player_id=player_id, message_id=invoice.message_id)
        turn.perform(effect, ordering_key=f"chat:{player_id}", priority=SCREEN_PRIORITY)
        invoice.message_id = 0
