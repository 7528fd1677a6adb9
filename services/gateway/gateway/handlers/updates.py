"""Updates from Telegram: taps by the table of buttons, everything else by aiogram's routers."""

import re
import time

from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Update

from actors.turn import Turn
from contracts.gateway import PlayerReachabilityChanged, TelegramUpdate
from gateway.domain.chat import Chat
from gateway.domain.limits import Verdict
from gateway.domain.log import Outcome, UpdateRow
from gateway.domain.origin import Origin
from gateway.domain.reading import opened
from gateway.domain.registry import split_command
from gateway.domain.update import Person, TapUpdate, read_note, read_tap
from gateway.handlers.table import Front, actor
from gateway.handlers.taps import hear_tap
from gateway.handlers.visit import Visit
from gateway.presenter import answers

_PLAIN = re.compile(r"^[a-z0-9_ ]{1,40}$")


@actor.on(TelegramUpdate)
async def hear_update(message: TelegramUpdate, chat: Chat, front: Front, turn: Turn) -> None:
    """Handle one update and write its line in the log."""
    started = time.perf_counter()
    chat_id = chat.player_id
    if message.kind == "callback_query":
        chat_id, outcome = _tap(read_tap(message.update), chat, front, turn)
    elif message.kind == "message":
        chat_id, outcome = await _message(message, chat, front, turn)
    else:
        outcome = await _other(message, Visit(chat=chat, origin=Origin(), turn=turn, front=front))
    row = UpdateRow(
        update_id=message.update_id,
        player_id=message.player_id,
        chat_id=chat_id,
        kind=message.kind,
        command=outcome.command,
        status=outcome.status,
        handler_ms=(time.perf_counter() - started) * 1000,
        received_at=message.received_at,
    )
    turn.record(row)


def _tap(update: TapUpdate | None, chat: Chat, front: Front, turn: Turn) -> tuple[int, Outcome]:
    if update is None:
        return 0, Outcome("unreadable")
    tap = update.callback_query
    place = tap.message.chat.id if tap.message else 0
    origin = Origin(chat_id=place, query_id=tap.query_id, message_id=tap.message.message_id if tap.message else 0)
    visit = Visit(chat=chat, origin=origin, turn=turn, front=front)
    _meet(tap.player, visit)
    return place, hear_tap(tap.data, visit)


async def _message(message: TelegramUpdate, chat: Chat, front: Front, turn: Turn) -> tuple[int, Outcome]:
    """Limit first, then open: a flood costs as little as it can."""
    note = read_note(message.update)
    if note is None:
        return 0, Outcome("unreadable")
    visit = Visit(chat=chat, origin=Origin(chat_id=note.chat.id), turn=turn, front=front)
    typed = split_command(note.text, front.bot_username)
    if note.player is None or note.player.is_bot or (typed is None and not note.chat.is_private):
        return note.chat.id, Outcome("ignored")
    _meet(note.player, visit, reachable=note.chat.is_private)
    verdict = chat.may_command(turn.now)
    if verdict is not Verdict.PASS:
        if verdict is Verdict.NOTICE:
            visit.show(answers.slow_down(visit.voice))
        return note.chat.id, Outcome("limited")
    if typed is not None:
        visit.command, visit.argument = typed
    status = await _feed(message, visit)
    return note.chat.id, Outcome(status, _logged(visit.command))


def _logged(command: str) -> str:
    """Return what the log says of a command: its name, or that it was none worth keeping."""
    if not command:
        return ""
    return f"/{command}" if _PLAIN.match(command) else "/?"


async def _other(message: TelegramUpdate, visit: Visit) -> Outcome:
    return Outcome(await _feed(message, visit))


async def _feed(message: TelegramUpdate, visit: Visit) -> str:
    """Open the update with aiogram's models, once, and hand it to the routers."""
    front = visit.front
    try:
        update = Update.model_validate(opened(message.update), context={"bot": front.bot})
    except ValueError:
        return "unreadable"
    result = await front.dispatcher.feed_update(front.bot, update, visit=visit)
    return "ignored" if result is UNHANDLED else "handled"


def _meet(player: Person, visit: Visit, *, reachable: bool = True) -> None:
    """Note who is there; whoever writes to us in private has not blocked us (any more)."""
    chat = visit.chat
    if chat.meet(player.language_code, player.first_name, player.username):
        visit.introduce()
    if reachable and chat.blocked_at is not None:
        chat.blocked_at = None
        visit.turn.emit(PlayerReachabilityChanged(player_id=chat.player_id, reachable=True, at=visit.turn.now))
