"""examples/greeter: it is what the README says, and it counts on real NATS and real Postgres."""

import asyncio
import json
import re
from pathlib import Path

from nats.aio.client import Client
from pydantic import SecretStr

from actors.clock import SystemClock
from actors.deploying.migrate import migrate
from actors.deploying.provision import provision
from actors.engine.connecting import until_heard
from actors.engine.runtime import running
from actors.settings import Settings
from actors.testing import decide
from devstack.databases import Database
from devstack.testbed import NatsEngine
from examples.greeter.app import SPEC, Guests, build
from examples.greeter.handlers import Greet, Greeted, actor

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples/greeter"


def test_the_readme_s_blocks_are_the_example_s_files() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    files = ("handlers.py", "app.py", "__main__.py")
    assert blocks == [(FOLDER / name).read_text(encoding="utf-8") for name in files]
    assert {path.name for path in FOLDER.glob("*.py")} == {*files, "__init__.py"}


async def test_the_handler_in_four_blocks_decides() -> None:
    guest = Guests().blank("Ann")
    decision = await decide(actor, Greet(name="Ann"), guest)
    assert decision.only(Greeted).times == guest.times == 1


async def test_the_handler_in_four_blocks_runs(
    database: Database, nats_server: NatsEngine, nats_client: Client
) -> None:
    await asyncio.to_thread(migrate, database.owner_dsn(), database.schemas[0], FOLDER / "migrations")
    await provision(nats_client, [SPEC])
    settings = Settings(nats_url=nats_server.url, postgres_dsn=SecretStr(database.dsn()), log_level="error")
    async with running(SPEC, settings, build, clock=SystemClock()):
        heard = await nats_client.subscribe("greeter.evt.>")
        await until_heard(nats_client)
        for times in (1, 2):
            await nats_client.jetstream().publish("greeter.cmd.Ann.greet", b'{"name": "Ann"}')
            event = await heard.next_msg(timeout=30)
            assert (event.subject, json.loads(event.data)["times"]) == ("greeter.evt.Ann.greeted", times)
