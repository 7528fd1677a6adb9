"""Long polling: the same way in; the offset moves only past what is durable; one replica at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web
from tests.gateway.conftest import TOKEN

from actors.clock import SystemClock
from actors.engine.publisher import UnknownOutcomeError
from gateway.ingress import polling as module
from gateway.ingress.intake import Intake
from gateway.ingress.polling import Polling
from gateway.telegram.session import LeanSession


class Telegram:
    """Keeps updates until a higher offset confirms them."""

    def __init__(self) -> None:
        self.updates: list[dict[str, Any]] = []
        self.offsets: list[int] = []
        self.waits: list[int] = []
        self.deleted_webhooks = 0
        self.conflicts = 0
        self.handle_with: Callable[[web.Request], Awaitable[web.Response]] | None = None

    def add(self, *numbers: int) -> None:
        self.updates += [{"update_id": number, "message": {"from": {"id": 7}, "text": "x"}} for number in numbers]

    async def handle(self, request: web.Request) -> web.Response:
        if self.handle_with is not None:
            return await self.handle_with(request)
        method = request.path.rpartition("/")[2]
        if method == "deleteWebhook":
            self.deleted_webhooks += 1
            return web.json_response({"ok": True, "result": True})
        if self.conflicts:
            self.conflicts -= 1
            return web.json_response({"ok": False, "error_code": 409, "description": "Conflict"}, status=409)
        asked = await request.json()
        offset = asked["offset"]
        self.offsets.append(offset)
        self.waits.append(asked["timeout"])
        self.updates = [update for update in self.updates if update["update_id"] >= offset]
        if not self.updates:
            await asyncio.sleep(0.02)
        return web.json_response({"ok": True, "result": self.updates[:100]})


class Lock:
    """A connection whose lock is free or not."""

    def __init__(self, *, free: bool = True) -> None:
        self.free = free
        self.asked = 0
        self.closed = False

    async def fetchval(self, sql: str) -> bool:
        self.asked += 1
        return self.free

    def is_closed(self) -> bool:
        return self.closed

    async def close(self, timeout: float) -> None:
        self.closed = True


class Stream:
    def __init__(self) -> None:
        self.stored: list[str] = []
        self.down = False

    async def publish(self, messages: Any) -> Any:
        if self.down:
            return [UnknownOutcomeError("down")] * len(messages)
        self.stored += [headers["ce-id"] for _, headers, _ in messages]
        return [None] * len(messages)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RIVAL_SECONDS", "TROUBLE_SECONDS", "LOCK_RETRY_SECONDS"):
        monkeypatch.setattr(module, name, 0.01)


@pytest.fixture
async def telegram() -> AsyncIterator[tuple[Telegram, LeanSession]]:
    fake = Telegram()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    session = LeanSession(TOKEN, TelegramAPIServer.from_base(f"http://127.0.0.1:{runner.addresses[0][1]}"))
    yield fake, session
    await session.close()
    await runner.cleanup()


def poll(session: LeanSession, stream: Stream, lock: Lock) -> Polling:
    async def connect() -> Any:
        lock.closed = False
        return lock

    intake = Intake(stream, SystemClock())  # type: ignore[arg-type]
    return Polling(intake, bot=Bot(TOKEN, session=session), session=session, connect=connect)


async def test_after_trouble_it_asks_without_waiting_so_that_its_end_is_known_at_once(
    telegram: tuple[Telegram, LeanSession], wait_until: Callable[..., Any]
) -> None:
    fake, session = telegram
    fake.conflicts = 1
    one = poll(session, Stream(), Lock())
    await one.start()
    await wait_until(lambda: len(fake.waits) > 1, "two answers")
    await one.stop()
    assert fake.waits[:2] == [0, module.WAIT_SECONDS]


async def test_an_empty_list_that_comes_at_once_is_not_asked_for_again_at_once(
    telegram: tuple[Telegram, LeanSession], wait_until: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TROUBLE_SECONDS", 0.1)
    fake, session = telegram
    one = poll(session, Stream(), Lock())
    began = asyncio.get_running_loop().time()
    await one.start()
    await wait_until(lambda: len(fake.offsets) == 6, "six empty lists")
    await one.stop()
    assert asyncio.get_running_loop().time() - began > 0.5


async def test_updates_are_stored_and_then_confirmed(
    telegram: tuple[Telegram, LeanSession], wait_until: Callable[..., Any]
) -> None:
    fake, session = telegram
    fake.add(*range(10, 260))
    stream = Stream()
    polling = poll(session, stream, Lock())
    await polling.start()
    await wait_until(lambda: fake.offsets and fake.offsets[-1] == 260, "the last update confirmed")
    await polling.stop()
    assert fake.deleted_webhooks == 1
    assert sorted(stream.stored) == sorted(f"tg:{number}" for number in range(10, 260))


async def test_nothing_is_confirmed_that_is_not_durable(
    telegram: tuple[Telegram, LeanSession], wait_until: Callable[..., Any]
) -> None:
    fake, session = telegram
    fake.add(10, 11)
    stream = Stream()
    stream.down = True
    polling = poll(session, stream, Lock())
    await polling.start()
    await wait_until(lambda: len(fake.offsets) >= 3, "three rounds")
    assert set(fake.offsets) == {0}
    stream.down = False
    await wait_until(lambda: fake.offsets[-1] == 12, "both confirmed")
    await polling.stop()
    assert set(stream.stored) == {"tg:10", "tg:11"}


async def test_a_second_replica_waits_for_the_lock(
    telegram: tuple[Telegram, LeanSession], wait_until: Callable[..., Any]
) -> None:
    fake, session = telegram
    lock = Lock(free=False)
    polling = poll(session, Stream(), lock)
    await polling.start()
    await wait_until(lambda: lock.asked >= 3, "three tries at the lock")
    assert fake.offsets == []
    lock.free = True
    await wait_until(lambda: fake.offsets, "the first round")
    await polling.stop()
    assert lock.closed


async def test_a_rival_or_a_webhook_is_waited_out(
    telegram: tuple[Telegram, LeanSession], wait_until: Callable[..., Any]
) -> None:
    fake, session = telegram
    fake.conflicts = 2
    fake.add(1)
    stream = Stream()
    polling = poll(session, stream, Lock())
    await polling.start()
    await wait_until(lambda: stream.stored == ["tg:1"], "the update after the conflict")
    await polling.stop()
    assert fake.deleted_webhooks == 3


async def test_what_is_no_update_does_not_stop_the_others(
    telegram: tuple[Telegram, LeanSession], wait_until: Callable[..., Any]
) -> None:
    fake, session = telegram
    fake.updates = [{"update_id": -1}, {"update_id": 2, "message": {"from": {"id": 7}}}]
    stream = Stream()
    polling = poll(session, stream, Lock())
    await polling.start()
    await wait_until(lambda: fake.offsets and fake.offsets[-1] == 3, "both passed")
    await polling.stop()
    assert stream.stored == ["tg:2"]


async def test_stopping_does_not_wait_for_telegram(telegram: tuple[Telegram, LeanSession]) -> None:
    _, session = telegram
    polling = poll(session, Stream(), Lock())
    await polling.start()
    await asyncio.wait_for(polling.stop(), 2)
    await asyncio.wait_for(poll(session, Stream(), Lock()).stop(), 1)
