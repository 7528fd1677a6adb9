"""Effects and what came of them."""

from actors.effects import Attempt, EffectResult
from actors.turn import Turn
from contracts.gateway import PlayerReachabilityChanged
from gateway.domain.chat import Chat
from gateway.domain.effects import (
    AnswerPreCheckout,
    AnswerTap,
    AskWebhook,
    CloseBoard,
    PushScreen,
    RemoveMessage,
    SendInvoice,
    ShowScreen,
)
from gateway.domain.internal_commands import RecordScreen, RecordUnreachable
from gateway.handlers.table import UpdateServices, actor
from gateway.presenter import checkout
from gateway.telegram.boards import BoardCloser, MessageRemover
from gateway.telegram.precheckout import PreCheckoutAnswerer
from gateway.telegram.sender import Sender

PRE_CHECKOUTS_AT_ONCE = 512
"""Each may wait 8 s for payments that is stuck: 64 a second. Those that get no room in time are refused at once."""


@actor.effect(AnswerTap, concurrency=64)
async def perform_answer_tap(effect: AnswerTap, sender: Sender, attempt: Attempt) -> EffectResult:
    """Call answerCallbackQuery: the toast, or just the end of the button's spinner."""
    return await sender.answer_tap(effect, attempt)


@actor.effect(ShowScreen, concurrency=64)
async def perform_show_screen(effect: ShowScreen, sender: Sender, attempt: Attempt) -> EffectResult:
    """Edit or send a screen."""
    return await sender.show(effect, attempt)


@actor.effect(CloseBoard, concurrency=8)
async def perform_close_board(effect: CloseBoard, closer: BoardCloser, attempt: Attempt) -> EffectResult:
    """Close a board that is left behind."""
    return await closer.close(effect, attempt)


@actor.effect(PushScreen, concurrency=8)
async def perform_push_screen(effect: PushScreen, sender: Sender, attempt: Attempt) -> EffectResult:
    """Send a message nobody asked for."""
    return await sender.push(effect, attempt)


@actor.effect(SendInvoice, concurrency=16)
async def perform_send_invoice(effect: SendInvoice, sender: Sender, attempt: Attempt) -> EffectResult:
    """Call sendInvoice."""
    return await sender.send_invoice(effect, attempt)


@actor.effect(RemoveMessage, concurrency=8)
async def perform_remove_message(effect: RemoveMessage, remover: MessageRemover) -> EffectResult:
    """Call deleteMessage."""
    return await remover.remove(effect)


@actor.effect(AnswerPreCheckout, concurrency=PRE_CHECKOUTS_AT_ONCE)
async def perform_answer_pre_checkout(
    effect: AnswerPreCheckout, precheckout: PreCheckoutAnswerer, services: UpdateServices, attempt: Attempt
) -> EffectResult:
    """Ask payments whether it may be paid, and call answerPreCheckoutQuery within Telegram's ten seconds."""
    voice = services.texts.voice(effect.language)
    return await precheckout.answer(effect, attempt, lambda reason: checkout.refusal(reason, voice))


@actor.effect(AskWebhook, concurrency=1)
async def perform_ask_webhook(effect: AskWebhook, sender: Sender, attempt: Attempt) -> EffectResult:
    """Ask Telegram how the updates are doing."""
    return await sender.ask_webhook(effect, attempt)


@actor.on(RecordScreen)
def note_screen(note: RecordScreen, chat: Chat) -> None:
    """Keep the id of the live game message, unless the game has moved on to another one."""
    if chat.screen_round == note.round_id:
        chat.screen_message_id = note.message_id


@actor.on(RecordUnreachable)
def note_unreachable(note: RecordUnreachable, chat: Chat, turn: Turn) -> None:
    """Mark a player who blocked the bot, once."""
    if chat.blocked_at is None:
        chat.blocked_at = note.at
        turn.emit(PlayerReachabilityChanged(player_id=note.player_id, reachable=False, at=note.at))
