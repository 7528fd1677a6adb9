"""Several replicas that poll: one at a time, and what keeps updates out is told by whoever met it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError
from aiohttp import web
from tests.gateway import test_polling
from tests.gateway.conftest import TOKEN
from tests.gateway.test_polling import Stream, Telegram

from actors.clock import SystemClock
from gateway.ingress import polling as module
from gateway.ingress.intake import Intake
from gateway.ingress.polling import Polling
from gateway.telegram import session as session_module
from gateway.telegram.session import LeanSession

telegram = test_polling.telegram
TELEGRAM = tuple[Telegram, LeanSession]


class Database:
    """One lock, held by one connection at a time."""

    def __init__(self) -> None:
        self.holder: Connection | None = None
        self.is_away = False
        self.taken = 0

    def connect(self, number: int) -> Callable[[], Awaitable[Any]]:
        async def connect() -> Connection:
            if self.is_away:
                raise OSError("away")
            return Connection(self, number)

        return connect


class Connection:
    def __init__(self, database: Database, number: int) -> None:
        self._database = database
        self.number = number

    async def fetchval(self, sql: str) -> bool:
        if self._database.holder is None:
            self._database.holder = self
            self._database.taken += 1
        return self._database.holder is self

    def is_closed(self) -> bool:
        return False

    async def close(self, timeout: float) -> None:
        if self._database.holder is self:
            self._database.holder = None


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RIVAL_SECONDS", "TROUBLE_SECONDS", "LOCK_RETRY_SECONDS"):
        monkeypatch.setattr(module, name, 0.01)
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(session_module, "TIMEOUT_SECONDS", 0.1)


@pytest.fixture
async def replicas(telegram: TELEGRAM) -> AsyncIterator[tuple[Database, list[Polling]]]:
    """Two that poll, with an impatient client each."""
    api = telegram[1].api
    database = Database()
    sessions = [LeanSession(TOKEN, api) for _ in range(2)]
    both = [
        Polling(
            Intake(Stream(), SystemClock()),  # type: ignore[arg-type]
            bot=Bot(TOKEN, session=one), session=one, connect=database.connect(number),
        )
        for number, one in enumerate(sessions)
    ]  # fmt: skip
    for one in both:
        await one.start()
    yield database, both
    for one in both:
        await one.stop()
    for one in sessions:
        await one.close()


async def hang(request: web.Request) -> web.Response:
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0.01)
    return web.Response()


async def test_replicas_beside_a_bot_api_that_hangs_say_so_and_are_well_again_afterwards(
    telegram: TELEGRAM,
    replicas: tuple[Database, list[Polling]],
    wait_until: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "TROUBLE_TOLD_SECONDS", 0.5)
    monkeypatch.setattr(module, "PROOF_SECONDS", 1.0, raising=False)
    fake, (database, both) = telegram[0], replicas
    fake.handle_with = hang
    await wait_until(lambda: all(one.obstacle() for one in both), "both say so at once", seconds=20)
    assert all("TelegramNetworkError" in one.obstacle() or "TimeoutError" in one.obstacle() for one in both)
    assert database.taken > 2
    fake.handle_with = None
    await wait_until(lambda: not any(one.obstacle() for one in both), "neither says so any more", seconds=20)
    assert fake.offsets, "one of them polls"


async def test_a_replica_whose_database_is_back_is_well_though_another_one_polls(
    replicas: tuple[Database, list[Polling]],
    wait_until: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "TROUBLE_TOLD_SECONDS", 0.0)
    database, both = replicas
    await wait_until(lambda: database.holder is not None, "one polls")
    assert database.holder is not None
    waiting = both[1 - database.holder.number]
    await waiting.stop()
    database.is_away = True
    await waiting.start()
    await wait_until(lambda: waiting.obstacle() == "no updates from Telegram: Postgres: OSError", "it says so")
    database.is_away = False
    await wait_until(lambda: not waiting.obstacle(), "it is well")


async def test_aiograms_own_calls_wait_no_minute(telegram: TELEGRAM) -> None:
    fake, other = telegram
    fake.handle_with = hang
    impatient = LeanSession(TOKEN, other.api)
    async with asyncio.timeout(20):
        with pytest.raises(TelegramNetworkError):
            await Bot(TOKEN, session=impatient).delete_webhook()
    await impatient.close()
