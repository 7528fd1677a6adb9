"""A gateway without NATS or Postgres, and a Bot API that says what a test tells it to."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web
from tests.gateway.reading import body_of

from actors.testing import Decision, decide
from contracts.gameplay import (
    AnswerView,
    EnergyLevel,
    EnergyView,
    GameView,
    Level,
    Mode,
    ModeView,
    RoundView,
    SettingsView,
    StreakState,
    StreakView,
)
from contracts.gateway import TelegramUpdate
from contracts.promo import Peppers
from gateway.domain.chat import Chat
from gateway.handlers import actor
from gateway.handlers.commands import COMMANDS
from gateway.handlers.table import UpdateServices
from gateway.telegram.sender import Sender
from gateway.telegram.session import LeanSession
from gateway.telegram.watch import TapWatch
from gateway.texts import Texts, load_texts

NOW = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
ROUND = UUID("019cb8f0-0000-7000-8000-000000000001")
NEXT_ROUND = UUID("019cb8f0-0000-7000-8000-000000000002")
TOKEN = "42:TEST"  # not a secret of anyone
PLAYER = 7
PEPPERS = Peppers(["pepper of every test"])


class FakeApi:
    """Records calls of the Bot API and answers as told, else with success."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.replies: list[tuple[int, dict[str, Any]]] = []
        self.address = ""
        self._next_message_id = 100

    def reply(self, code: int, description: str, **parameters: int) -> None:
        """Answer the next call with this error."""
        body = {"ok": False, "error_code": code, "description": description, "parameters": parameters}
        self.replies.append((code, body))

    def answer(self, result: Any) -> None:
        """Answer the next call with this result."""
        self.replies.append((200, {"ok": True, "result": result}))

    def called(self, method: str) -> list[dict[str, Any]]:
        return [body for name, body in self.calls if name == method]

    @property
    def methods(self) -> list[str]:
        return [name for name, _ in self.calls]

    async def handle(self, request: web.Request) -> web.Response:
        method = request.path.rpartition("/")[2]
        body = await body_of(request)
        self.calls.append((method, body))
        if self.replies:
            status, reply = self.replies.pop(0)
            return web.json_response(reply, status=status)
        return web.json_response({"ok": True, "result": self._result(method, body)})

    def _result(self, method: str, body: dict[str, Any]) -> Any:
        if method not in {"sendMessage", "editMessageText", "sendInvoice"}:
            return True
        self._next_message_id += 1
        chat = {"id": body["chat_id"], "type": "private", "first_name": "Anna"}
        return {"message_id": body.get("message_id", self._next_message_id), "date": 1, "chat": chat, "text": "x"}


@pytest.fixture
async def fake_api() -> AsyncIterator[FakeApi]:
    fake = FakeApi()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield fake
    await runner.cleanup()


@pytest.fixture
async def session(fake_api: FakeApi) -> AsyncIterator[LeanSession]:
    lazy_aiogram = LeanSession(TOKEN, TelegramAPIServer.from_base(fake_api.address))
    yield lazy_aiogram
    await lazy_aiogram.close()


@pytest.fixture(scope="session")
def texts() -> Texts:
    return load_texts()


class Homes:
    """Where groups have moved, without a database."""

    def __init__(self) -> None:
        self.moved: dict[int, int] = {}

    async def home(self, chat_id: int) -> int:
        return self.moved.get(chat_id, chat_id)


@pytest.fixture
def homes() -> Homes:
    return Homes()


async def nothing_heard(causes: Sequence[str]) -> set[str]:
    """A watch's inbox in which nothing is."""
    return set()


class Desk:
    """The gateway's handlers with one player's chat in memory."""

    def __init__(self, texts: Texts) -> None:
        async def never(query_id: str, language: str) -> None:
            raise AssertionError("nothing runs this watch")

        self.watch = TapWatch(never, nothing_heard)
        self.services = UpdateServices(
            bot_username="starquiz_bot", registry=COMMANDS, texts=texts, watch=self.watch, peppers=PEPPERS
        )
        self.chat = Chat(player_id=PLAYER)
        self.now = NOW
        self._updates = 0

    async def hear(self, message: Any, *, origin: str = "") -> Decision:
        """Run a handler on the chat."""
        return await decide(actor, message, self.chat, self.services, now=self.now, origin=origin)

    async def update(self, kind: str, body: dict[str, Any]) -> Decision:
        """An update of this kind, addressed to the desk's chat."""
        self._updates += 1
        raw = msgspec.json.encode({"update_id": self._updates, kind: body})
        return await self.hear(
            TelegramUpdate(
                update_id=self._updates,
                player_id=self.chat.player_id,
                kind=kind,
                update=msgspec.Raw(raw),
                received_at=self.now,
            )
        )

    async def say(self, text: str, *, language: str = "de", chat: dict[str, Any] | None = None) -> Decision:
        """A message from the player."""
        where = chat or {"id": PLAYER, "type": "private", "first_name": "Anna"}
        return await self.update(
            "message", {"message_id": 1, "date": 1, "chat": where, "from": person(language), "text": text}
        )

    async def tap(self, data: str, *, message_id: int = 50, query_id: str = "q1", language: str = "de") -> Decision:
        """A tap by the player."""
        chat = {"id": PLAYER, "type": "private", "first_name": "Anna"}
        return await self.update(
            "callback_query",
            {
                "id": query_id,
                "from": person(language),
                "chat_instance": "1",
                "data": data,
                "message": {"message_id": message_id, "date": 1, "chat": chat, "text": "…"},
            },
        )


def person(language: str) -> dict[str, Any]:
    return {"id": PLAYER, "is_bot": False, "first_name": "Anna", "username": "anna", "language_code": language}


@pytest.fixture
def desk(texts: Texts) -> Desk:
    return Desk(texts)


class Make:
    """Parts of gameplay's events, sensible where a test does not care."""

    def energy(self, free: int = 14, **more: Any) -> EnergyView:
        given: dict[str, Any] = {"paid": 0, "premium": False, "level": EnergyLevel.FINE, "full_in_minutes": 150, **more}
        return EnergyView(free=free, **given)

    def streak(self, days: int = 5, **more: Any) -> StreakView:
        given: dict[str, Any] = {"best": 9, "state": StreakState.ACTIVE_TODAY, "saver_tokens": 2, **more}
        return StreakView(days=days, **given)

    def round(self, **more: Any) -> RoundView:
        given: dict[str, Any] = {
            "round_id": NEXT_ROUND,
            "mode": Mode.QUICK_MIX_A1A2,
            "question_id": "q",
            "level": Level.A2,
            "category": "verbs",
            "text": "Ich ___ nach Hause & zwar <gern>.",
            "options": ("gehe", "gehst", "geht", "gehen"),
            "number": 6,
            "started_at": NOW,
            **more,
        }
        return RoundView(**given)

    def answer(self, **more: Any) -> AnswerView:
        given: dict[str, Any] = {
            "round_id": ROUND,
            "mode": Mode.QUICK_MIX_A1A2,
            "text": "Wie heißt du?",
            "options": ("Ich heiße Anna.", "Ich komme aus Kiel.", "Gut, danke.", "Um acht."),
            "chosen": 0,
            "right": 0,
            "explanation": "Nach dem Namen fragt man mit „wie“.",
            "explanation_en": "“wie” asks for a name.",
            "response_ms": 1500,
            **more,
        }
        return AnswerView(**given)

    def game(self, **more: Any) -> GameView:
        given: dict[str, Any] = {"mode": Mode.QUICK_MIX_A1A2, "answered": 5, "right": 4, **more}
        return GameView(**given)

    def modes(self) -> tuple[ModeView, ...]:
        locked = (Mode.CASES_PRACTICE, Mode.TRENNBARE_VERBEN, Mode.WORD_ORDER)
        return tuple(ModeView(mode=mode, open=mode not in locked) for mode in Mode)

    def settings(self) -> SettingsView:
        return SettingsView(daily_push=True, daily_reminder=False, streak_reminder=True)

    def day(self) -> date:
        return date(2026, 3, 4)


@pytest.fixture(scope="session")
def make() -> Make:
    return Make()


@pytest.fixture
def wait_until() -> Callable[..., Any]:
    """Wait for a condition with a deadline; fails naming what was awaited."""
    import asyncio

    async def waiting(condition: Callable[[], object], what: str, *, seconds: float = 5) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        while not condition():
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"waited {seconds} s for {what}")
            await asyncio.sleep(0.005)

    return waiting


class Slots:
    """The pace of pushes, without a database."""

    interval_seconds = 1 / 28
    free = True

    async def take(self) -> bool:
        return self.free


@pytest.fixture
def slots() -> Slots:
    return Slots()


@pytest.fixture
def watch() -> TapWatch:
    async def never(query_id: str, language: str) -> None:
        raise AssertionError("nothing runs this watch")

    return TapWatch(never, nothing_heard)


@pytest.fixture
def sender(session: LeanSession, slots: Slots, homes: Homes, watch: TapWatch) -> Sender:
    return Sender(session, pushes=slots, rooms=homes, watch=watch, bot_username="starquiz_bot")  # type: ignore[arg-type]
