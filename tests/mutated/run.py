"""Sends mutated updates to a real gateway and looks where each of them went."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import asyncpg
import msgspec
from bench.lean_http import serve

from devstack.roles import DATABASE
from devstack.stack import Stack
from gateway.ingress.webhook import BODY_BYTES_MAX, SECRET_HEADER
from mutated.bodies import update
from mutated.mutations import mutate
from mutated.reader import update_id_of

CONNECTIONS = 40
"""As many as Telegram opens by default."""
AT_ONCE = 200
"""Then it is waited until all of them are kept: a mailbox holds 64, and updates that say of nobody share one."""
KEPT_SECONDS_MAX = 60
AGAIN_MAX = 20
_LOOK_SECONDS = 0.02
_OK = b'{"ok":true,"result":true}'
_RESULTS: dict[str, Any] = {
    "getMe": {"id": 1, "is_bot": True, "first_name": "Starquiz", "username": "starquiz_bot"},
    "getStarTransactions": {"transactions": []},
    "getMyStarBalance": {"amount": 0},
    "getWebhookInfo": {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
}
_MESSAGE = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "x"}


class Report(msgspec.Struct):
    """What came of a run."""

    seed: int
    sent: int = 0
    with_update_id: int = 0
    """Different ids among those that have one."""
    kept: int = 0
    too_large: int = 0
    answered: Counter[str] = msgspec.field(default_factory=Counter[str])
    again: int = 0
    """Sent again because the answer was 503, as Telegram does."""
    lost: list[int] = msgspec.field(default_factory=list[int])
    dead_letters: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    by_status: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    seconds: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Whether none was lost, nothing was put aside, and nobody but 503 said that it could not."""
        broken = [status for status in self.answered if (status[0] == "5" and status != "503") or status == "none"]
        return not (self.lost or self.dead_letters or broken)


async def bot_api() -> tuple[asyncio.Server, str]:
    """Serve a Bot API that says yes to everything; returns the server and its address."""

    def answer(path: str, body: bytes) -> bytes:
        method = path.rpartition("/")[2]
        if method.startswith(("send", "edit")):
            return msgspec.json.encode({"ok": True, "result": _MESSAGE})
        found = _RESULTS.get(method)
        return _OK if found is None else msgspec.json.encode({"ok": True, "result": found})

    return await serve(answer)


class Run:
    """One run against one stack."""

    def __init__(self, stack: Stack, secret: str, seed: int, say: Callable[[str], None]) -> None:
        self.report = Report(seed=seed)
        self._stack = stack
        self._chance = random.Random(seed)
        self._say = say
        port = stack.services["gateway"][0].plan.env["WEBHOOK_PORT"]
        self._url = f"http://127.0.0.1:{port}/webhook/telegram"
        self._headers = {SECRET_HEADER: secret, "Content-Type": "application/json"}
        self._line = asyncio.Semaphore(CONNECTIONS)
        self._seen = set[int]()

    async def send(self, count: int, *, first: int, say_every: int = 20_000) -> Report:
        """Send so many updates with ids from `first` on, and account for them."""
        began = time.monotonic()
        admin = await asyncpg.connect(self._stack.postgres.dsn(DATABASE))
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        try:
            async with aiohttp.ClientSession(connector=connector) as session:
                for begin in range(first, first + count, AT_ONCE):
                    numbers = range(begin, min(begin + AT_ONCE, first + count))
                    await self._batch(
                        session, admin, [mutate(update(one, self._chance), self._chance) for one in numbers]
                    )
                    if (begin - first) % say_every < AT_ONCE:
                        self._say(f"{self.report.sent} sent, {self.report.kept} kept, {len(self.report.lost)} lost")
            await self._settle(admin)
        finally:
            await admin.close()
        self.report.seconds = round(time.monotonic() - began, 1)
        return self.report

    async def _batch(
        self, session: aiohttp.ClientSession, admin: "asyncpg.Connection[asyncpg.Record]", bodies: Sequence[bytes]
    ) -> None:
        statuses = await asyncio.gather(*(self._post(session, body) for body in bodies))
        expected = set[int]()
        for body, status in zip(bodies, statuses, strict=True):
            identifier = update_id_of(body)
            if status == "413":
                self.report.too_large += 1
            elif identifier is not None and identifier not in self._seen:
                expected.add(identifier)
        self._seen |= expected
        self.report.with_update_id += len(expected)
        missing = await self._missing(admin, expected)
        self.report.kept += len(expected) - len(missing)
        for body in bodies:
            if update_id_of(body) in missing:
                self._say(f"lost: {body[:2_000]!r}")
        self.report.lost += sorted(missing)

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> str:
        async with self._line:
            self.report.sent += 1
            for _ in range(AGAIN_MAX):
                try:
                    async with session.post(self._url, data=body, headers=self._headers) as answer:
                        status = str(answer.status)
                except aiohttp.ClientError:
                    # A body over the limit is answered before all of it was read.
                    status = "413" if len(body) > BODY_BYTES_MAX else "none"
                self.report.answered[status] += 1
                if status != "503":
                    return status
                self.report.again += 1
                await asyncio.sleep(1)
        return "503"

    async def _missing(self, admin: "asyncpg.Connection[asyncpg.Record]", expected: set[int]) -> set[int]:
        """Wait until all are in the log of updates or among the dead letters; return those that are not."""
        missing = set(expected)
        deadline = time.monotonic() + KEPT_SECONDS_MAX
        while missing and time.monotonic() < deadline:
            rows = await admin.fetch(
                "select update_id from gateway.updates where update_id = any($1::bigint[])"
                " union all select substr(message_id, 4)::bigint from gateway.dead_letters where message_id = any($2)",
                list(missing),
                [f"tg:{one}" for one in missing],
            )
            missing -= {row[0] for row in rows}
            if missing:
                await asyncio.sleep(_LOOK_SECONDS)
        return missing

    async def _settle(self, admin: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Wait until nothing waits to be said, and count what was put aside."""
        deadline = time.monotonic() + KEPT_SECONDS_MAX
        while time.monotonic() < deadline:
            waiting = [await admin.fetchval(f"select count(*) from {one}.outbox") for one in self._stack.services]
            tried = [await admin.fetchval(f"select count(*) from {one}.tries") for one in self._stack.services]
            if not any(waiting) and not any(tried):
                break
            await asyncio.sleep(_LOOK_SECONDS)
        for one in self._stack.services:
            letters = await admin.fetch(
                f"select type_name, split_part(error, ':', 1), count(*) from {one}.dead_letters group by 1, 2"
            )
            self.report.dead_letters |= {f"{one}: {name}: {error}": count for name, error, count in letters}
        rows = await admin.fetch("select status, count(*) from gateway.updates group by 1")
        self.report.by_status = {row[0]: row[1] for row in rows}
