"""What payments says, shown to the player it happened to: the shop, invoices, receipts (DOMAIN §5, §6)."""

from actors.turn import Turn
from contracts.payments import (
    Currency,
    DiscountHeld,
    InvoiceOpened,
    PurchaseCredited,
    PurchaseFailed,
    PurchaseRefunded,
    PurchaseRefused,
    PurchasesShown,
    ShopShown,
)
from gateway.domain.chat import Chat
from gateway.domain.deep_link import shop_link
from gateway.domain.effects import SCREEN_PRIORITY, SendInvoice
from gateway.domain.invoice import Invoice
from gateway.domain.origin import Origin, parse
from gateway.handlers.invoices import take_back
from gateway.handlers.showing import answer_below, answer_in_private, answer_tap, show
from gateway.handlers.table import UpdateServices, actor
from gateway.presenter import promo, purchases, shop


@actor.on(ShopShown)
def shop_shown(event: ShopShown, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show the shelf to whoever asked."""
    answer_in_private(shop.shop_shown(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(DiscountHeld)
def discount_held(event: DiscountHeld, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show what a code makes of the prices to whoever typed it; an offer with a discount has been shown already."""
    if event.offer is None:
        answer_in_private(promo.discount_held(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(PurchasesShown)
def purchases_shown(event: PurchasesShown, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show the history to whoever asked."""
    answer_in_private(purchases.purchases_shown(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(InvoiceOpened)
def invoice_opened(event: InvoiceOpened, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Send the invoice as a message of its own: the screen with the button stays. The web's are not for the chat."""
    voice, origin = services.voice(chat), parse(turn.message.origin)
    answer_tap(shop.invoice_toast(event, voice), origin=origin, turn=turn)
    if event.currency is not Currency.XTR:
        return
    invoice = SendInvoice(
        player_id=event.player_id,
        purchase_id=event.purchase_id,
        title=shop.title(event.product, voice),
        description=shop.description(event.product, voice),
        payload=event.payload,
        amount=event.amount,
        start_parameter=shop_link(event.product.value),
        expires_at=event.expires_at,
        thread_id=origin.thread_id if origin.chat_id == event.player_id else 0,
    )
    turn.perform(invoice, ordering_key=f"chat:{event.player_id}", priority=SCREEN_PRIORITY)


@actor.on(PurchaseFailed)
def purchase_failed(event: PurchaseFailed, invoice: Invoice | None, turn: Turn) -> None:
    """Take back an invoice that cannot be paid any more: it lapsed, or another one took its place."""
    if invoice is not None:
        take_back(invoice, event.player_id, turn)


@actor.on(PurchaseRefused)
def purchase_refused(event: PurchaseRefused, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Say why there is no invoice, below the screen with the button."""
    answer_below(shop.purchase_refused(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(PurchaseCredited)
def purchase_credited(
    event: PurchaseCredited, chat: Chat, invoice: Invoice | None, services: UpdateServices, turn: Turn
) -> None:
    """Give the receipt beside the invoice, whoever or whatever led to it: a payment, a day late, or an operator."""
    screen = purchases.receipt(event, services.voice(chat), question_waits=chat.screen_round is not None)
    show(screen, chat=chat, origin=_beside(invoice, event.player_id), turn=turn)


@actor.on(PurchaseRefunded)
def purchase_refunded(
    event: PurchaseRefunded, chat: Chat, invoice: Invoice | None, services: UpdateServices, turn: Turn
) -> None:
    """Tell what came back, and what was taken back."""
    screen = purchases.refunded(event, services.voice(chat))
    show(screen, chat=chat, origin=_beside(invoice, event.player_id), turn=turn)


def _beside(invoice: Invoice | None, player_id: int) -> Origin:
    return Origin(chat_id=player_id, thread_id=0 if invoice is None else invoice.thread_id)
