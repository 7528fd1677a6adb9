"""examples/kitchen: its rules, and its timer, effect and admin endpoint on real NATS and real Postgres."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from nats.aio.client import Client
from pydantic import SecretStr

from actors.clock import SystemClock
from actors.deploying.migrate import migrate
from actors.deploying.provision import provision
from actors.engine.connecting import until_heard
from actors.engine.runtime import running
from actors.settings import Settings
from actors.testing import NOON, decide
from devstack.databases import Database
from devstack.testbed import NatsEngine
from examples.kitchen.app import SPEC, build
from examples.kitchen.domain import Pot
from examples.kitchen.handlers import RingBell, actor
from examples.kitchen.language import Boil, EggTakenOut, FinishEgg, TakeOut

MIGRATIONS = Path(__file__).resolve().parents[2] / "examples/kitchen/migrations"


async def test_an_egg_sets_the_timer_and_the_timer_has_the_bell_rung() -> None:
    pot = Pot("Anna")
    (timer,) = (await decide(actor, Boil(cook="Anna", seconds=300), pot)).timers
    assert timer.when == pot.done_at == NOON + timedelta(seconds=300)
    assert (await decide(actor, timer.message, pot)).effects == [RingBell("Anna")]
    assert (pot.egg, pot.done_at) == (None, None)


async def test_a_timer_whose_egg_is_gone_does_nothing() -> None:
    pot = Pot("Anna")
    (first,) = (await decide(actor, Boil(cook="Anna", seconds=300), pot, message_id="first")).timers
    await decide(actor, Boil(cook="Anna", seconds=300), pot, message_id="second")
    assert isinstance(first.message, FinishEgg)
    assert (await decide(actor, first.message, pot)).effects == []
    assert pot.egg is not None


async def test_taking_out_tells_what_was_left_and_empties_the_pot() -> None:
    pot = Pot("Anna")
    await decide(actor, Boil(cook="Anna", seconds=300), pot)
    later = NOON + timedelta(seconds=100)
    assert (await decide(actor, TakeOut(cook="Anna"), pot, now=later)).replies == [EggTakenOut(200)]
    assert (await decide(actor, TakeOut(cook="Anna"), pot, now=later)).replies == [EggTakenOut(0)]


@pytest.fixture
async def kitchen(database: Database, nats_server: NatsEngine, nats_client: Client) -> AsyncIterator[Client]:
    """A client of a running kitchen's NATS."""
    await asyncio.to_thread(migrate, database.owner_dsn(), database.schemas[0], MIGRATIONS)
    await provision(nats_client, [SPEC])
    settings = Settings(nats_url=nats_server.url, postgres_dsn=SecretStr(database.dsn()), log_level="error")
    async with running(SPEC, settings, build, clock=SystemClock()):
        yield nats_client


async def test_an_egg_is_served_when_its_time_is_up(kitchen: Client) -> None:
    heard = await kitchen.subscribe("kitchen.evt.>")
    await until_heard(kitchen)
    await kitchen.jetstream().publish("kitchen.cmd.Anna.boil", b'{"cook": "Anna", "seconds": 1}')
    assert (await heard.next_msg(timeout=30)).subject == "kitchen.evt.Anna.boiling_began"
    event = await heard.next_msg(timeout=30)
    assert (event.subject, json.loads(event.data)) == ("kitchen.evt.Anna.egg_served", {"cook": "Anna"})


async def test_an_operator_s_request_is_answered_once(kitchen: Client) -> None:
    request = b'{"request_id": "r1", "cook": "Anna"}'
    answers = [await kitchen.request("admin.kitchen.egg.take_out.ben", request, timeout=30) for _ in range(2)]
    assert [json.loads(answer.data) for answer in answers] == [{"seconds_left": 0}] * 2
