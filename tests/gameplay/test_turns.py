"""Gameplay's handlers and stores in real turns on real Postgres, without NATS."""

import asyncio
import itertools
import uuid
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import msgspec
import pytest
from gameplay_resources import resources
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from overlap import at_once

from actors.clock import ManualClock
from actors.engine.delivery import local
from actors.engine.turns import TurnResult, Turns
from contracts.envelope import first_envelope
from contracts.gameplay import (
    AnswerRound,
    DailyResultShown,
    GameStarted,
    GrantTakenBack,
    GrantToPlayer,
    LeaderboardShown,
    Mode,
    Period,
    PlayerShown,
    RoundCompleted,
    RoundRepeated,
    ShowDailyResult,
    ShowLeaderboard,
    StartGame,
    StopGame,
    View,
    WelcomePlayer,
)
from contracts.message import Contract, decode, find
from contracts.payments import EntitlementGranted, EntitlementRevoked, PremiumChanged, PremiumTerm
from gameplay.app import SPEC
from gameplay.domain import rounds as round_rules
from gameplay.domain.access import LOCKED_MODES
from gameplay.domain.bank import QuestionBank
from gameplay.domain.grants import Goods
from gameplay.domain.journal import Asset
from gameplay.domain.premium import Premium, Term
from gameplay.store.grants import GrantStore
from gameplay.store.players import PlayerStore

pytestmark = pytest.mark.services("gameplay")

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)


class Service:
    """Gameplay's real handlers and stores in real turns, without NATS."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", bank: QuestionBank) -> None:
        self.clock = ManualClock(NOON)
        self.turns = Turns(SPEC.actor, pool=pool, clock=self.clock, resources=resources(bank, pool, self.clock))
        self.bank = bank
        self.players = itertools.count(100)
        """Numbers of players that nobody has used yet."""
        self._messages = 0

    async def take(self, *messages: Contract, ids: list[str] | None = None) -> TurnResult:
        self._messages += 1
        names = ids or [f"test-{self._messages}-{number}" for number in range(len(messages))]
        deliveries = [
            local(message, first_envelope(message, identifier=name, time=self.clock.now(), source="test"))
            for message, name in zip(messages, names, strict=True)
        ]
        taken = await self.turns.take(deliveries)
        assert [repr(error) for _, error in (*taken.failed, *taken.unreadable)] == []
        return taken

    async def told(self, *messages: Contract) -> list[Contract]:
        taken = await self.take(*messages)
        return [decode(find(row.headers["ce-type"]), row.body) for row in taken.outbox]


@pytest.fixture
def service(pool: "asyncpg.Pool[asyncpg.Record]", shipped: QuestionBank) -> Service:
    return Service(pool, shipped)


async def test_a_newcomer_plays_until_energy_is_empty(service: Service):
    await service.told(WelcomePlayer(player_id=5, name="Mara"))
    told = await service.told(StartGame(player_id=5, mode=Mode.QUICK_MIX_A1A2))
    (started,) = [message for message in told if isinstance(message, GameStarted)]
    asked, done = started.round, list[RoundCompleted]()
    while asked is not None:
        service.clock.advance(seconds=3)
        told = await service.told(AnswerRound(player_id=5, round_id=asked.round_id, option=0))
        done += [message for message in told if isinstance(message, RoundCompleted)]
        asked = done[-1].next_round
    completed = done[-1]
    assert len(done) == 20
    assert (completed.refusal, completed.energy.free, completed.game.answered) == ("no_energy", 0, 20)
    (shown,) = await service.told(WelcomePlayer(player_id=5, name="Mara"))
    assert isinstance(shown, PlayerShown)
    assert (shown.view, shown.answered, shown.streak.days) == (View.WELCOME, 20, 1)


async def test_many_players_in_one_turn(service: Service):
    players = range(1, 101)
    told = await service.told(*(StartGame(player_id=p, mode=Mode.ARTIKEL_SPRINT) for p in players))
    asked = [message.round for message in told if isinstance(message, GameStarted)]
    assert len(asked) == 100
    answers = [AnswerRound(player_id=p, round_id=r.round_id, option=1) for p, r in zip(players, asked, strict=True)]
    told = await service.told(*answers, *answers[:10])
    assert sum(isinstance(message, RoundCompleted) for message in told) == 100
    assert sum(isinstance(message, RoundRepeated) for message in told) == 10
    told = await service.told(ShowLeaderboard(player_id=1, period=Period.DAY))
    right = sum(message.answer.is_right for message in told if isinstance(message, RoundCompleted))
    (shown,) = [message for message in told if isinstance(message, LeaderboardShown)]
    assert shown.players >= right


async def test_a_message_heard_twice_has_one_effect(service: Service, pool: "asyncpg.Pool[asyncpg.Record]"):
    start = StartGame(player_id=9, mode=Mode.QUICK_MIX_A1A2)
    first = await service.take(start, ids=["same"])
    again = await service.take(start, start, ids=["same", "same"])
    assert len(first.outbox) == 2  # PlayerJoined, GameStarted
    assert (again.outbox, again.duplicates) == ([], 2)
    assert await pool.fetchval("select energy_free from players where id = 9") == 19
    assert await pool.fetchval("select count(*) from rounds") == 1


async def test_start_stop_and_start_in_one_turn_leave_one_open_round(
    service: Service, pool: "asyncpg.Pool[asyncpg.Record]"
):
    start, stop = StartGame(player_id=9, mode=Mode.QUICK_MIX_A1A2), StopGame(player_id=9)
    await service.take(start, start, stop, start)
    rows = await pool.fetch("select status, count(*) from rounds group by 1 order by 1")
    assert [tuple(row) for row in rows] == [("ABANDONED", 2), ("STARTED", 1)]
    open_round = await pool.fetchval("select id from rounds where status = 'STARTED'")
    assert await pool.fetchval("select game_round_id from players where id = 9") == open_round


async def test_two_replicas_answering_at_once_give_one_attempt(
    service: Service, pool: "asyncpg.Pool[asyncpg.Record]", shipped: QuestionBank
):
    (_, started) = await service.told(StartGame(player_id=9, mode=Mode.QUICK_MIX_A1A2))
    assert isinstance(started, GameStarted)
    other = Service(pool, shipped)
    taps = [AnswerRound(player_id=9, round_id=started.round.round_id, option=option) for option in (0, 1)]
    await asyncio.gather(service.take(taps[0], ids=["a"]), other.take(taps[1], ids=["b"]))
    assert await pool.fetchval("select sum(answers) from scores") == 1
    assert await pool.fetchval("select answered from players where id = 9") == 1
    assert await pool.fetchval("select count(*) from rounds where status = 'STARTED'") == 1


async def test_two_grants_of_operators_at_once_are_both_given(
    service: Service, pool: "asyncpg.Pool[asyncpg.Record]", shipped: QuestionBank
):
    await service.told(WelcomePlayer(player_id=9, name="Mara"))
    grant = GrantToPlayer(player_id=9, reason="sorry", operator="ada", paid_energy=10)
    replicas = (service, "a"), (Service(pool, shipped), "b")
    turns = (partial(replica.take, grant, ids=[name]) for replica, name in replicas)
    await at_once(pool, "select from players for update", *turns)
    assert await pool.fetchval("select energy_paid from players where id = 9") == 20


async def test_a_daily_challenge_from_start_to_rank(service: Service, pool: "asyncpg.Pool[asyncpg.Record]"):
    told = await service.told(StartGame(player_id=9, mode=Mode.DAILY_CHALLENGE))
    asked = told[-1].round  # type: ignore[attr-defined]
    while asked is not None:
        service.clock.advance(seconds=4)
        told = await service.told(AnswerRound(player_id=9, round_id=asked.round_id, option=0))
        (completed,) = [message for message in told if isinstance(message, RoundCompleted)]
        asked = completed.next_round
    assert isinstance(told[-1], ShowDailyResult)
    (result,) = await service.told(told[-1])
    assert isinstance(result, DailyResultShown)
    assert (result.rank, result.players, result.of, result.total_ms) == (1, 1, 7, 28_000)
    assert result.right == await pool.fetchval("select right_answers from daily_runs where finished_at is not null")
    assert await pool.fetchval("select energy_free from players") == 20


async def test_the_id_of_a_round_tells_when_it_began(service: Service, pool: "asyncpg.Pool[asyncpg.Record]"):
    await service.told(StartGame(player_id=9, mode=Mode.QUICK_MIX_A1A2))
    round_id = await pool.fetchval("select id from rounds")
    assert round_id.int >> 80 == int(NOON.timestamp() * 1000)
    assert not round_rules.is_stale(NOON, NOON + timedelta(minutes=29))


# -- what payments gives and takes back -----------------------------------------------------------


@st.composite
def deliveries(draw: st.DrawFn) -> list[list[EntitlementGranted | EntitlementRevoked]]:
    """Grants of one player and their revocations, each heard at least once, in any order, in turns of any size."""
    messages: list[EntitlementGranted | EntitlementRevoked] = []
    for number in range(draw(st.integers(1, 4))):
        identifier = uuid.UUID(int=number)
        goods = {name: draw(st.integers(0, 3)) for name in ("paid_energy", "saver_tokens", "duel_tickets")}
        goods["mode_hours"] = 24 * draw(st.integers(0, 2))
        what: dict[str, Any] = {"player_id": 1, "grant_id": identifier, **goods}
        messages.append(EntitlementGranted(**what, reason="bought", granted_at=NOON))
        if draw(st.booleans()):
            messages.append(EntitlementRevoked(**what, reason="refund", revoked_at=NOON))
    heard = draw(st.permutations(messages + draw(st.lists(st.sampled_from(messages), max_size=6))))
    turns: list[list[EntitlementGranted | EntitlementRevoked]] = [[]]
    for message in heard:
        if draw(st.booleans()):
            turns.append([])
        turns[-1].append(message)
    return [turn for turn in turns if turn]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=deliveries())
async def test_grants_and_revocations_end_the_same_in_any_order_and_however_often(
    service: Service, pool: "asyncpg.Pool[asyncpg.Record]", turns: list[list[EntitlementGranted | EntitlementRevoked]]
):
    player_id, prefix = next(service.players), uuid.uuid4().int
    heard = [[_of_player(message, player_id, prefix) for message in turn] for turn in turns]
    told = [message for turn in heard for message in await service.told(*turn)]
    messages = {(type(m), m.grant_id): m for turn in heard for m in turn}
    back = {grant_id for kind, grant_id in messages if kind is EntitlementRevoked}
    kept = [m for (kind, grant_id), m in messages.items() if kind is EntitlementGranted and grant_id not in back]
    async with pool.acquire() as connection, connection.transaction():
        player = (await PlayerStore().load(connection, [player_id]))[player_id]
        grants = await GrantStore().load(connection, sorted({grant_id for _, grant_id in messages}))
        journal = await connection.fetch(
            "select asset, sum(amount)::int from journal where player_id = $1 group by 1", player_id
        )
    expected = Goods(*(sum(getattr(m, name) for m in kept) for name in Goods.__struct_fields__))
    assert (player.energy.paid, player.saver_tokens, player.duel_tickets) == (
        expected.paid_energy,
        expected.saver_tokens,
        expected.duel_tickets,
    )
    until = NOON + timedelta(hours=expected.mode_hours) if expected.mode_hours else None
    assert {player.progress(mode).access_until for mode in LOCKED_MODES} == {until}
    assert {asset: amount for asset, amount in journal if amount} == {
        asset: amount for asset, amount in zip(Asset, msgspec.structs.astuple(expected), strict=True) if amount
    }
    assert {g.id: (g.granted_at, g.revoked_at) for g in grants.values()} == {
        m.grant_id: (NOON, NOON if m.grant_id in back else None)
        for m in messages.values()
        if isinstance(m, EntitlementGranted)
    }
    answers = [message for message in told if isinstance(message, GrantTakenBack)]
    assert sorted(answer.grant_id for answer in answers) == sorted(back)
    assert not any(answer.missing_paid_energy or answer.missing_mode_hours for answer in answers)


def _of_player(
    message: EntitlementGranted | EntitlementRevoked, player_id: int, prefix: int
) -> EntitlementGranted | EntitlementRevoked:
    """Return the message for a player and grants that no other example has."""
    return msgspec.structs.replace(message, player_id=player_id, grant_id=uuid.UUID(int=prefix ^ message.grant_id.int))


async def test_two_replicas_hearing_a_grant_and_its_revocation_at_once_agree(
    service: Service, pool: "asyncpg.Pool[asyncpg.Record]", shipped: QuestionBank
):
    other = Service(pool, shipped)
    for number in range(10):
        what: dict[str, Any] = {
            "player_id": 9,
            "grant_id": uuid.UUID(int=number),
            "paid_energy": 10,
            "reason": "ENERGY_10",
        }
        given, back = EntitlementGranted(**what, granted_at=NOON), EntitlementRevoked(**what, revoked_at=NOON)
        await asyncio.gather(
            service.take(given, back, ids=[f"a-{number}", f"b-{number}"]),
            other.take(back, given, ids=[f"c-{number}", f"d-{number}"]),
        )
    assert await pool.fetchval("select energy_paid from players where id = 9") == 0
    assert await pool.fetchval("select coalesce(sum(amount), 0) from journal") == 0
    assert await pool.fetchval("select count(*) from grants where granted_at = $1 and revoked_at = $1", NOON) == 10


async def test_premium_is_kept_with_its_version(service: Service, pool: "asyncpg.Pool[asyncpg.Record]"):
    terms = (PremiumTerm(begins=NOON, ends=NOON + timedelta(days=7), rank=1),)
    newer = PremiumChanged(player_id=9, revision=2, terms=terms, changed_at=NOON)
    older = PremiumChanged(player_id=9, revision=1, terms=(), changed_at=NOON)
    await service.told(newer)
    await service.told(older, newer)
    async with pool.acquire() as connection, connection.transaction():
        player = (await PlayerStore().load(connection, [9]))[9]
    assert player.premium == Premium((Term(NOON, NOON + timedelta(days=7), 1),), version=2)
