"""The whole game under a load: every process, the load generator in Telegram's place, and a crowd that plays."""

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg
import msgspec

from bench.load import Load, Person
from bench.report import progress
from bench.usage import Usage
from devstack.roles import DATABASE
from devstack.stack import Options, Stack
from gameplay.domain.premium import Term

PEOPLE: Final = 2_000
SECRET: Final = "bench"
_SERVED: Final = ("gateway", "gameplay", "payments", "promo")


@asynccontextmanager
async def playing(load: Load, *, prefix: str = "starquiz-bench-") -> AsyncGenerator[tuple[Stack, Usage]]:
    """Start everything, let the crowd in, and watch what each process uses; stop it all at the end."""
    api = await load.start()
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as folder:
        env = {"TELEGRAM_API_URL": api, "BOT_TOKEN": "1:bench", "WEBHOOK_SECRET": SECRET, "LOG_LEVEL": "warning"}
        async with Stack(Options(data_dir=Path(folder), port=0, env=env)) as stack:
            await load.connect(int(stack.services["gateway"][0].plan.env["WEBHOOK_PORT"]), "/webhook/telegram")
            await gather(stack, load)
            yield stack, usage_of(stack)
    load.stop()


def usage_of(stack: Stack) -> Usage:
    """Return what watches every process, the load generator apart."""
    served = {name: stack.services[name][0].pid for name in _SERVED}
    return Usage(served | {"nats": stack.nats.pid, "postgres": stack.postgres.pid, "load_generator": os.getpid()})


async def gather(stack: Stack, load: Load) -> None:
    """Let the people in, start a game for each, and give them premium so that nobody runs dry."""
    progress(f"{PEOPLE:,} players come in")
    people = [Person(10_000_000 + number) for number in range(PEOPLE)]
    load.people = {person.id: person for person in people}
    for person in people:
        load.tap(person, "p:QUICK_MIX_A1A2")
        await asyncio.sleep(1 / 200)
    deadline = time.monotonic() + 60
    while load.waiting and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    if len(load.ready) < PEOPLE:
        raise RuntimeError(f"only {len(load.ready)} of {PEOPLE} players got their first question")
    await _give_premium(stack)


async def _give_premium(stack: Stack) -> None:
    """Write it into the rows: an endpoint would send everyone a message in the middle of the game."""
    now = datetime.now(UTC)
    terms = msgspec.json.encode([Term(now - timedelta(days=1), now + timedelta(days=30), 2)]).decode()
    connection = await asyncpg.connect(stack.postgres.dsn(DATABASE))
    try:
        await connection.execute("update gameplay.players set premium_terms = $1::json", terms)
    finally:
        await connection.close()
