"""The presenter: whatever happened, to whatever player, the call that comes of it is one that Telegram takes."""

import asyncio
import json
from typing import Any
from uuid import UUID

import msgspec

from actors.effects import Attempt
from actors.testing import decide
from contracts.message import Event
from contracts.payments import PurchaseCredited
from contracts.promo import Peppers
from fuzz.clock import NOW
from fuzz.making import Source, made
from gateway.domain.chat import LANGUAGES, Chat
from gateway.domain.effects import AnswerTap, CloseBoard, PushScreen, RemoveMessage, SendInvoice, ShowScreen
from gateway.domain.invoice import Invoice
from gateway.domain.origin import Origin
from gateway.handlers import actor
from gateway.handlers.commands import COMMANDS
from gateway.handlers.table import UpdateServices
from gateway.telegram.boards import BoardCloser, MessageRemover
from gateway.telegram.sender import Sender
from gateway.telegram.session import Reply
from gateway.telegram.watch import TapWatch
from gateway.texts import load_texts
from sandbox.entities.html import utf16_length
from sandbox.entities.text import TEXT_LENGTH_MAX, formatted
from sandbox.schema.compile import read_schemas

EVENTS = sorted((kind for kind in actor.handlers() if issubclass(kind, Event)), key=lambda kind: kind.__name__)
TOAST_LENGTH_MAX = 200
PLAYER = 7
_SENT = msgspec.Raw(b'{"message_id":1}')
_SCHEMAS = read_schemas()[0]


class _Judge:
    """A Bot API that takes what the documented limits allow, and fails the fuzzer for anything else."""

    async def call(self, method: str, body: msgspec.Struct, *, timeout_seconds: float = 0) -> Reply:
        given = _SCHEMAS[method].check(json.loads(msgspec.json.encode(body)))
        if method in ("sendMessage", "editMessageText"):
            text, _ = formatted(given["text"], given.get("parse_mode"), None, TEXT_LENGTH_MAX)
            assert text, "a message without text"
        if method == "answerCallbackQuery":
            assert utf16_length(given.get("text", "")) <= TOAST_LENGTH_MAX, given["text"]
        if method == "sendInvoice":
            assert 1 <= utf16_length(given["title"]) <= 32
            assert 1 <= utf16_length(given["description"]) <= 255
            assert 1 <= len(given["payload"].encode()) <= 128
        return Reply(ok=True, result=_SENT)


class _Rooms:
    """Where groups have moved: nowhere."""

    async def home(self, chat_id: int) -> int:
        return chat_id


class _Slots:
    interval_seconds = 0.0

    async def take(self) -> bool:
        return True


async def _nothing(*_: Any) -> Any:
    return set[str]()


_watch = TapWatch(_nothing, _nothing)
_front = UpdateServices(
    bot_username="starquiz_bot",
    peppers=Peppers(["pepper of every test"]),
    registry=COMMANDS,
    texts=load_texts(),
    watch=_watch,
    support_contact="@starquiz_support",
)
_loop = asyncio.new_event_loop()


def one_input(data: bytes) -> None:
    """An event made of the bytes, for a player made of them, asked for in one way or another."""
    _loop.run_until_complete(_happen(Source(data)))


async def _happen(source: Source) -> None:
    kind = EVENTS[source.number(len(EVENTS) - 1)]
    chat = Chat(player_id=PLAYER, language=LANGUAGES[source.number(1)], first_name=source.text(300))
    origins = (
        Origin(chat_id=PLAYER, query_id="1", message_id=5),
        Origin(chat_id=PLAYER),
        Origin(chat_id=-100),
        Origin(),
    )
    origin = origins[source.number(3)].encode()
    event = made(kind, source)
    if isinstance(event, PurchaseCredited) and event.premium_until is None:
        event = msgspec.structs.replace(event, premium_until=NOW)  # payments says it of every premium
    invoice = Invoice(purchase_id=getattr(event, "purchase_id", UUID(int=1)))
    decision = await decide(actor, event, chat, _front, invoice, now=NOW, origin=origin)
    sender = Sender(_Judge(), pushes=_Slots(), rooms=_Rooms(), watch=_watch, bot_username="starquiz_bot")  # type: ignore[arg-type]
    acts: dict[type, Any] = {
        AnswerTap: sender.answer_tap,
        ShowScreen: sender.show,
        PushScreen: sender.push,
        SendInvoice: sender.send_invoice,
        RemoveMessage: lambda effect, _: MessageRemover(_Judge()).remove(effect),  # type: ignore[arg-type]
        CloseBoard: BoardCloser(_Judge()).close,  # type: ignore[arg-type]
    }
    attempt = Attempt(effect_id="e", number=1, ordering_key="l", created_at=NOW, now=NOW, superseded=False)
    for effect in decision.effects:
        await acts[type(effect)](effect, attempt)


def seeds() -> list[bytes]:
    """One for each event, with little and with much in it."""
    few = [bytes([1, place, 1, 0, 1, 9, *b"Anna Meier", 1, 0]) for place in range(len(EVENTS))]
    return few + [one + bytes([3, 1, 2, 3, 5, 4]) * 80 + "„Größe“ <b>&amp; 😀".encode() * 20 for one in few]
