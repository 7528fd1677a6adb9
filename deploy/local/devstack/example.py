"""`make example NAME=kitchen`: one of `examples/` on a Postgres and a NATS of its own, and a prompt to talk to it.

A typed line is `<subject> <JSON>`: a command is published, an admin request is answered. What the service says is
printed as it comes.
"""

import asyncio
import importlib
import sys
import tempfile
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from actors.deploying.migrate import migrate
from actors.deploying.provision import provision
from devstack.console import Console
from devstack.databases import Database, Databases
from devstack.ports import free_port
from devstack.processes import Plan, Program
from devstack.services import CHECKOUT
from devstack.testbed import Embedded
from devstack.vault import Vault

EXAMPLES: Final = CHECKOUT / "examples"
_READY_SECONDS: Final = 60
_ANSWER_SECONDS: Final = 10


def names() -> list[str]:
    """Return the examples of the checkout: the folders with a composition root."""
    return sorted(app.parent.name for app in EXAMPLES.glob("*/app.py"))


async def run(name: str, console: Console) -> int:
    """Run one of `names()` until the input ends; returns the exit code of its process."""
    console.title(name)
    with tempfile.TemporaryDirectory(prefix="starquiz-") as folder:
        async with _service(name, Path(folder), console) as (program, client):

            async def show(event: Msg) -> None:
                console.line(f"{console.emphasis(event.subject)} {event.data.decode()}")

            await client.subscribe(f"{name}.evt.>", cb=show)
            console.line(f"\n\n{importlib.import_module(f'examples.{name}').__doc__}")
            async for line in _typed():
                await _say(line, client, console)
            return await program.stop()


@asynccontextmanager
async def _service(name: str, folder: Path, console: Console) -> AsyncGenerator[tuple[Program, Client]]:
    """Yield the running service and a client of its NATS; servers and data go afterwards."""
    bed = Embedded(folder)
    postgres, nats, client = bed.postgres(), bed.nats(), Client()
    try:
        with console.step("Postgres and NATS"):
            await asyncio.gather(asyncio.to_thread(postgres.start), asyncio.to_thread(nats.start))
        with console.step("tables, streams, consumers"):
            database = await Databases(postgres, Vault(folder / "vault"), "example").fresh((name,))
            await asyncio.to_thread(migrate, database.owner_dsn(), name, EXAMPLES / name / "migrations")
            await client.connect(nats.url)
            await provision(client, [importlib.import_module(f"examples.{name}.app").SPEC])
        program = Program(_plan(name, folder, nats.url, database), console.trouble)
        with console.step(name):
            await program.start()
            await program.wait_ready(_READY_SECONDS)
        try:
            yield program, client
        finally:
            await program.stop()
    finally:
        await client.close()
        await asyncio.gather(asyncio.to_thread(nats.stop), asyncio.to_thread(postgres.stop))


def _plan(name: str, folder: Path, nats_url: str, database: Database) -> Plan:
    port = free_port()
    env = {
        "NATS_URL": nats_url,
        "POSTGRES_DSN": database.dsn(),
        "HTTP_PORT": str(port),
        "PYTHONPATH": str(CHECKOUT),
    }
    return Plan(name, f"examples.{name}", (), env, folder / f"{name}.log", port)


async def _say(line: str, client: Client, console: Console) -> None:
    """Send what was typed; what cannot be sent is said, and the next line may be better."""
    subject, _, body = line.partition(" ")
    try:
        if subject.startswith(("admin.", "query.")):
            answer = await client.request(subject, body.encode(), timeout=_ANSWER_SECONDS)
            console.line(f"{console.emphasis('answer')} {answer.data.decode()}")
        elif subject:
            await client.jetstream().publish(subject, body.encode())
    except (NatsError, ValueError) as error:
        console.trouble(f"  {subject}: {error or type(error).__name__}")


async def _typed() -> AsyncIterator[str]:
    """Yield the lines of standard input, whatever kind of file it is; a thread waits for them, and nobody for it."""
    lines, loop = asyncio.Queue[str](), asyncio.get_running_loop()

    def read() -> None:
        with suppress(RuntimeError):  # the loop is over: nobody waits for a line
            for line in sys.stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, "")

    threading.Thread(target=read, daemon=True).start()
    while line := await lines.get():
        yield line.strip()
