"""The whole service on real NATS and real Postgres: commands in, events out, and its endpoints."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from nats.aio.client import Client
from pydantic import SecretStr

from actors.actor import Actor
from actors.clock import SystemClock
from actors.deploying.provision import provision
from actors.engine.connecting import until_heard
from actors.engine.runtime import running
from actors.spec import ServiceSpec
from contracts.envelope import first_envelope
from contracts.gameplay import (
    AnswerRound,
    GameStarted,
    GrantTakenBack,
    Mode,
    PlayerJoined,
    RoundCompleted,
    StartGame,
    WelcomePlayer,
)
from contracts.message import Contract, decode, encode, find, subject_of
from contracts.payments import EntitlementGranted, EntitlementRevoked, PremiumChanged, PremiumTerm
from devstack.databases import Database
from gameplay.app import SPEC, build
from gameplay.settings import GameplaySettings

pytestmark = pytest.mark.services("gameplay")

PAYMENTS = ServiceSpec(
    name="payments",
    actor=Actor("payments"),
)
"""Who owns the stream that gameplay hears of purchases from."""


class Outside:
    """What the rest of the world sees of gameplay."""

    def __init__(self, nc: Client, events: Any) -> None:
        self.nc = nc
        self._events = events
        self._numbers = iter(range(1_000))

    async def send(self, message: Contract) -> None:
        envelope = first_envelope(
            message, identifier=f"outside-{next(self._numbers)}", time=datetime.now(UTC), source="test", origin="chat-5"
        )
        await self.nc.jetstream().publish(subject_of(message), encode(message), headers=envelope.headers())

    async def hear(self, kind: type[Contract], *, seconds: float = 15) -> Any:
        """Return the next event of a kind; its origin must be the command's."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            msg = await self._events.next_msg(timeout=left)
            if find(msg.headers["ce-type"]) is kind:
                assert msg.headers["ce-origin"] == "chat-5"
                return decode(kind, msg.data)
        raise AssertionError(f"no {kind.__name__} within {seconds} s")

    async def ask(self, subject: str, **request: Any) -> tuple[str, Any]:
        """Return (error, answer) of an endpoint."""
        reply = await self.nc.request(subject, json.dumps(request).encode(), timeout=10)
        error = (reply.headers or {}).get("Nats-Service-Error", "")
        return error, json.loads(reply.data) if reply.data else None


@pytest.fixture
async def outside(database: Database, nats_server: Any, nats_client: Client) -> AsyncIterator[Outside]:
    await provision(nats_client, [SPEC, PAYMENTS])
    settings = GameplaySettings(
        nats_url=nats_server.url,
        postgres_dsn=SecretStr(database.dsn("gameplay")),
        log_level="error",
        bank_poll_seconds=0.2,
    )
    async with running(SPEC, settings, build, clock=SystemClock()):
        events = await nats_client.subscribe("gameplay.evt.>")
        await until_heard(nats_client)
        yield Outside(nats_client, events)


async def test_a_player_plays_through_nats(outside: Outside):
    await outside.send(WelcomePlayer(player_id=5, name="Mara"))
    await outside.send(StartGame(player_id=5, mode=Mode.QUICK_MIX_A1A2))
    started: GameStarted = await outside.hear(GameStarted)
    await outside.send(AnswerRound(player_id=5, round_id=started.round.round_id, option=2))
    completed: RoundCompleted = await outside.hear(RoundCompleted)
    assert completed.answer.round_id == started.round.round_id
    assert completed.next_round is not None
    error, player = await outside.ask("query.gameplay.player", player_id=5)
    assert (error, player["answered"], player["energy"]["free"], player["name"]) == ("", 1, 18, "Mara")
    error, board = await outside.ask("query.gameplay.leaderboard", period="day")
    assert board["players"] == int(completed.answer.is_right)
    error, _ = await outside.ask("query.gameplay.player", player_id=6)
    assert "there is no player 6" in error


async def test_operators_grant_once_per_request(outside: Outside, database: Database):
    grant = {"request_id": "g-1", "reason": "sorry", "player_id": 5, "paid_energy": 15}
    _, answer = await outside.ask("admin.gameplay.player.grant.ops", **grant)
    assert (answer["granted"], answer["reason"].split(":")[0]) == (False, "player_id")
    await outside.send(WelcomePlayer(player_id=5, name="Mara"))
    await outside.send(StartGame(player_id=5, mode=Mode.QUICK_MIX_A1A2))
    await outside.hear(GameStarted)
    for _ in range(2):
        error, answer = await outside.ask("admin.gameplay.player.grant.ops", **grant | {"request_id": "g-2"})
        assert (error, answer["granted"], answer["paid_energy"]) == ("", True, 15)
    for fault in ({"paid_energy": -1}, {"paid_energy": 0}, {"hours": 1}):
        error, _ = await outside.ask("admin.gameplay.player.grant.ops", **grant | {"request_id": "g-3"} | fault)
        assert error, fault
    error, answer = await outside.ask(
        "admin.gameplay.player.grant.ops", **grant | {"request_id": "g-4", "premium_days": 7}
    )
    assert error.startswith("premium_days")
    assert "admin.payments.premium.grant" in answer["error"]
    assert answer["code"] == 400


async def test_gameplay_hears_payments(outside: Outside):
    grant_id, now = uuid.uuid4(), datetime.now(UTC)
    energy: dict[str, Any] = {"player_id": 5, "grant_id": grant_id, "paid_energy": 10, "reason": "ENERGY_10"}
    await outside.send(EntitlementGranted(**energy, granted_at=now))
    await outside.hear(PlayerJoined)
    terms = (PremiumTerm(begins=now, ends=now + timedelta(days=7), rank=1),)
    await outside.send(PremiumChanged(player_id=5, revision=1, terms=terms, changed_at=now))
    await outside.send(EntitlementRevoked(**energy, revoked_at=now))
    taken: GrantTakenBack = await outside.hear(GrantTakenBack)
    assert (taken.grant_id, taken.paid_energy, taken.missing_paid_energy) == (grant_id, 10, 0)
    _, player = await outside.ask("query.gameplay.player", player_id=5)
    assert (player["energy"]["paid"], player["energy"]["premium"]) == (0, True)


async def test_operators_disable_a_question_and_rounds_that_had_it_still_show_it(outside: Outside):
    await outside.send(StartGame(player_id=5, mode=Mode.QUICK_MIX_A1A2))
    started: GameStarted = await outside.hear(GameStarted)
    request = {"request_id": "d-1", "reason": "wrong", "question_id": started.round.question_id}
    _, answer = await outside.ask("admin.gameplay.question.disable.ops", **request)
    assert answer == {"question_id": started.round.question_id, "found": True, "enabled": False}
    _, answer = await outside.ask(
        "admin.gameplay.question.enable.ops", **request | {"request_id": "d-2", "question_id": "x"}
    )
    assert not answer["found"]
    await outside.send(AnswerRound(player_id=5, round_id=started.round.round_id, option=0))
    completed: RoundCompleted = await outside.hear(RoundCompleted)
    assert completed.answer.text == started.round.text


async def test_two_replicas_start_at_once_on_an_empty_bank(database: Database, nats_server: Any, nats_client: Client):
    await provision(nats_client, [SPEC, PAYMENTS])
    settings = GameplaySettings(
        nats_url=nats_server.url, postgres_dsn=SecretStr(database.dsn("gameplay")), log_level="error"
    )

    async def replica() -> str:
        async with running(SPEC, settings, build, clock=SystemClock()) as service:
            return await service.obstacle()

    assert await asyncio.gather(replica(), replica()) == ["", ""]
