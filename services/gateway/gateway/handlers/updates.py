"""Updates from Telegram: taps by the table of buttons, messages by that of commands, all else is heard and let be.

Only what the narrow views of an update hold is used, whatever else Telegram puts into it. An update that fails all the
same is no dead letter: it counts against its sender, is logged and counted, and answered where that is possible
(decision 25).
"""

import copy
import time

import structlog

from actors.turn import Turn
from contracts.foreign_text import storable
from contracts.gateway import PlayerReachabilityChanged, TelegramUpdate
from gateway import metrics
from gateway.domain.chat import Chat
from gateway.domain.limits import Verdict
from gateway.domain.log import Outcome, UpdateRow
from gateway.domain.origin import Origin
from gateway.domain.registry import is_addressed, split_command
from gateway.domain.screen import Screen
from gateway.domain.update import IncomingMessage, MessageView, Person, has_content, read_message, read_tap
from gateway.handlers.commands import hear_message
from gateway.handlers.membership import hear_membership
from gateway.handlers.referrals import tell_touch
from gateway.handlers.rooms import hear_move, hear_room
from gateway.handlers.table import UpdateServices, actor
from gateway.handlers.taps import hear_tap
from gateway.handlers.visit import Visit
from gateway.presenter import answers

_ERROR_LENGTH_MAX = 500
_ANSWERED = ("callback_query", "message", "channel_post")
"""Kinds that come from a place in a chat, where an answer can go."""

log = structlog.get_logger()


@actor.on(TelegramUpdate)
def hear_update(message: TelegramUpdate, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Handle one update and write its line in the log."""
    started = time.perf_counter()
    before = copy.copy(chat)
    visit = Visit(chat=chat, origin=Origin(), turn=turn, services=services)
    error = ""
    try:
        outcome = _hear(message, visit)
    except Exception as caught:
        error = storable(f"{type(caught).__name__}: {caught}", length_max=_ERROR_LENGTH_MAX)
        log.exception("update_failed", update_id=message.update_id, kind=message.kind)
        metrics.UPDATES_FAILED.labels(message.kind).inc()
        outcome = _failed(message.kind, before, visit)
    row = UpdateRow(
        update_id=message.update_id,
        player_id=max(0, message.player_id),
        chat_id=visit.origin.chat_id if message.kind in _ANSWERED else chat.player_id,
        kind=message.kind,
        command=outcome.command,
        status=outcome.status,
        error=error,
        handler_ms=(time.perf_counter() - started) * 1000,
        received_at=message.received_at,
    )
    turn.record(row)


def _hear(message: TelegramUpdate, visit: Visit) -> Outcome:
    if message.kind == "callback_query":
        return _tap(message, visit)
    if message.kind in ("message", "channel_post"):
        return _message(message, visit)
    if message.kind == "my_chat_member":
        return hear_membership(message, visit)
    return Outcome("ignored")


def _failed(kind: str, before: Chat, visit: Visit) -> Outcome:
    """Undo the update but for its place and what it costs its sender, and say sorry to who may be answered."""
    visit.turn.forget()
    visit.chat.become(before)
    if kind not in _ANSWERED or visit.chat.player_id <= 0:
        return Outcome("failed")
    verdict = _verdict(kind, visit)
    sorry = answers.failed(visit.voice, is_private=visit.origin.chat_id >= 0) if verdict is Verdict.PASS else Screen()
    visit.show(Screen(toast=sorry.toast) if visit.origin.is_tap else sorry)
    return Outcome("failed")


def _verdict(kind: str, visit: Visit) -> Verdict:
    now = visit.turn.now
    return visit.chat.may_tap(now) if kind == "callback_query" else visit.chat.may_command(now)


def _tap(message: TelegramUpdate, visit: Visit) -> Outcome:
    update = read_tap(message.update)
    if update is None:
        return Outcome("unreadable")
    tap = update.callback_query
    below = tap.message or MessageView()
    visit.origin = Origin(
        chat_id=below.chat.id,
        query_id=tap.query_id,
        message_id=below.message_id,
        thread_id=below.thread_id,
        tapped_at=message.received_at,
    )
    if tap.player is None:
        visit.show(answers.forged(visit.voice))
        return Outcome("unreadable")
    _meet(tap.player, visit, reachable=below.chat.is_private)
    return hear_tap(tap.data, visit)


def _message(message: TelegramUpdate, visit: Visit) -> Outcome:
    """Limit first, then look for what handles it: a flood costs as little as it can."""
    note, chat = read_message(message.update, message.kind), visit.chat
    if note is None:
        return Outcome("unreadable")
    visit.origin = Origin(chat_id=note.chat.id, thread_id=note.thread_id)
    if note.moves:
        return hear_move(note, visit)
    typed = split_command(note.words, visit.services.bot_username)
    player = note.author
    if player is None or chat.player_id <= 0 or message.kind != "message":
        return _room(message, note, typed, visit)
    if player.is_bot or not _is_for_us(message, note, typed, visit):
        return Outcome("ignored")
    if chat.hear_album(note.media_group_id) and typed is None:
        return Outcome("ignored")
    is_first = chat.is_new
    _meet(player, visit, reachable=note.chat.is_private)
    if is_first and typed is not None:
        tell_touch(*typed, visit, message.received_at)
    verdict = chat.may_command(visit.turn.now)
    if verdict is not Verdict.PASS:
        if verdict is Verdict.NOTICE:
            visit.show(answers.slow_down(visit.voice))
        return Outcome("limited")
    if typed is not None:
        visit.command, visit.argument = typed
    else:
        visit.words = note.words
    return hear_message(visit, is_private=note.chat.is_private)


def _room(message: TelegramUpdate, note: IncomingMessage, typed: tuple[str, str] | None, visit: Visit) -> Outcome:
    """Hear what was written in a chat's name: it makes no player, whoever wrote it."""
    if note.is_of_telegram or note.chat.is_private or not _is_for_us(message, note, typed, visit):
        return Outcome("ignored")
    return hear_room(note, visit)


def _is_for_us(message: TelegramUpdate, note: IncomingMessage, typed: tuple[str, str] | None, visit: Visit) -> bool:
    """Whether a player wants something: in private with whatever they send, in a group with a command of ours."""
    if note.chat.is_private:
        return bool(note.words) or has_content(message.update)
    if typed is None:
        return False
    services = visit.services
    return services.registry.find(typed[0], visit.chat.role) is not None or is_addressed(
        note.words, services.bot_username
    )


def _meet(player: Person, visit: Visit, *, reachable: bool = True) -> None:
    """Note who is there; whoever writes to us in private has not blocked us (any more)."""
    chat = visit.chat
    if chat.meet(player.language_code, player.first_name, player.username):
        visit.introduce()
    if reachable and chat.blocked_at is not None:
        chat.blocked_at = None
        visit.turn.emit(PlayerReachabilityChanged(player_id=chat.player_id, reachable=True, at=visit.turn.now))
