"""Where a screen goes: an answer to the tap, an edit of the tapped message, a new message, or a push."""

from actors.turn import Turn
from gateway.domain.chat import Chat
from gateway.domain.effects import (
    PUSH_PRIORITY,
    SCREEN_PRIORITY,
    TAP_PRIORITY,
    AnswerTap,
    CloseBoard,
    PushScreen,
    ShowScreen,
)
from gateway.domain.origin import Origin, parse
from gateway.domain.screen import Keyboard, Screen


def show(screen: Screen, *, chat: Chat, origin: Origin, turn: Turn) -> None:
    """Answer whoever asked: a tap by toast and edit, a command by a new message."""
    answer_tap(screen, origin=origin, turn=turn)
    if not screen.text:
        return
    chat_id = origin.chat_id or chat.player_id
    message_id = origin.message_id if origin.chat_id else 0
    turn.perform(
        ShowScreen(
            player_id=chat.player_id,
            chat_id=chat_id,
            message_id=message_id,
            thread_id=origin.thread_id if origin.chat_id else 0,
            text=screen.text,
            keyboard=screen.keyboard,
            round_id=screen.round_id,
            is_silent=screen.is_silent,
        ),
        ordering_key=f"chat:{chat_id}",
        priority=SCREEN_PRIORITY,
    )
    if chat_id == chat.player_id and (screen.round_id is not None or message_id == chat.screen_message_id != 0):
        chat.show_round(screen.round_id, message_id)


def answer(screen: Screen, *, chat: Chat, turn: Turn) -> None:
    """Show a screen to whoever asked; an event that nobody asked for shows nothing."""
    origin = parse(turn.message.origin)
    if origin != Origin():
        show(screen, chat=chat, origin=origin, turn=turn)


def answer_below(screen: Screen, *, chat: Chat, turn: Turn) -> None:
    """Answer whoever asked in a message of its own: what was tapped stays as it is, and the tap gets the toast."""
    origin = parse(turn.message.origin)
    if origin != Origin():
        answer_tap(Screen(toast=screen.toast), origin=origin, turn=turn)
        show(screen, chat=chat, origin=origin.as_message(), turn=turn)


def answer_in_private(screen: Screen, *, chat: Chat, turn: Turn) -> None:
    """Show what is nobody else's business to whoever asked; an event that nobody asked for shows nothing."""
    origin = parse(turn.message.origin)
    if origin != Origin():
        show_in_private(screen, chat=chat, origin=origin, turn=turn)


def show_in_private(screen: Screen, *, chat: Chat, origin: Origin, turn: Turn) -> None:
    """Answer what is nobody else's business: asked in a group, it is answered in the private chat."""
    if origin.chat_id in (0, chat.player_id):
        show(screen, chat=chat, origin=origin, turn=turn)
    else:
        answer_tap(screen, origin=origin, turn=turn)
        show(screen, chat=chat, origin=Origin(chat_id=chat.player_id), turn=turn)


def answer_tap(screen: Screen, *, origin: Origin, turn: Turn) -> None:
    """Answer the tap with the screen's toast and leave the message alone."""
    if origin.is_tap:
        turn.perform(
            AnswerTap(query_id=origin.query_id, text=screen.toast, alert=screen.alert, tapped_at=origin.tapped_at),
            ordering_key=f"callback:{origin.query_id}",
            priority=TAP_PRIORITY,
        )


def leave_board(message_id: int, left: Keyboard, *, chat: Chat, origin: Origin, turn: Turn) -> None:
    """Close a board (0: none) whose question is shown by another message now: `left` is what stays of it."""
    if message_id not in (0, origin.message_id) and origin.chat_id == chat.player_id:
        _close(message_id, left, chat, turn)


def close_old_board(left: Keyboard, *, chat: Chat, origin: Origin, turn: Turn) -> None:
    """Close the board that was tapped, unless it is the live message's: that one shows something else by now."""
    if origin.is_tap and origin.chat_id == chat.player_id and chat.screen_message_id not in (0, origin.message_id):
        _close(origin.message_id, left, chat, turn)


def _close(message_id: int, left: Keyboard, chat: Chat, turn: Turn) -> None:
    effect = CloseBoard(player_id=chat.player_id, message_id=message_id, keyboard=left)
    turn.perform(effect, ordering_key=f"chat:{chat.player_id}", priority=SCREEN_PRIORITY)


def push(screen: Screen, *, chat: Chat, turn: Turn) -> None:
    """Send what nobody asked for, unless the player cannot be reached.

    On a lane of its own: an answer to the player must not wait for a push's turn among all pushes.
    """
    if chat.blocked_at is None:
        turn.perform(
            PushScreen(player_id=chat.player_id, text=screen.text, keyboard=screen.keyboard),
            ordering_key=f"push:{chat.player_id}",
            priority=PUSH_PRIORITY,
        )
