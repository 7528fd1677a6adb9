"""Gameplay's handlers and stores in real turns on real Postgres, without NATS."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from actors.clock import ManualClock
from actors.delivery import local
from actors.turns import Taken, Turns
from contracts.envelope import first_envelope
from contracts.gameplay import (
    AnswerRound,
    DailyResultShown,
    GameStarted,
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
from gameplay.app import LEADERBOARDS, SPEC
from gameplay.domain import rounds as round_rules
from gameplay.domain.bank import QuestionBank

pytestmark = pytest.mark.services("gameplay")

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)


class Service:
    """Gameplay's real handlers and stores in real turns, without NATS."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", bank: QuestionBank) -> None:
        self.clock = ManualClock(NOON)
        LEADERBOARDS.clock = self.clock
        self.turns = Turns(SPEC.actor, pool=pool, clock=self.clock, resources={QuestionBank: bank})
        self.bank = bank
        self._messages = 0

    async def take(self, *messages: Contract, ids: list[str] | None = None) -> Taken:
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
