"""The stores on real Postgres: what a turn saves is what the next turn loads."""

import asyncio
import uuid
from collections.abc import AsyncIterator
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
from devstack.databases import Database
from gameplay.app import LEADERBOARDS, SPEC
from gameplay.domain import rounds as round_rules
from gameplay.domain.bank import QuestionBank
from gameplay.domain.daily import DailyRun
from gameplay.domain.energy import Energy
from gameplay.domain.journal import Asset, Entry
from gameplay.domain.leaderboard import DailyMark, Score
from gameplay.domain.levels import ModeProgress
from gameplay.domain.player import Game, Player, Settings, Tally
from gameplay.domain.premium import Premium, Term
from gameplay.domain.rounds import Abandoned, Round, RoundStatus
from gameplay.domain.streak import Streak
from gameplay.store.players import SQL as PLAYERS
from gameplay.store.players import JournalOfValue, PlayerStore
from gameplay.store.rounds import SQL as ROUNDS
from gameplay.store.rounds import AbandonedRounds, RoundStore
from gameplay.store.scores import SQL as SCORES
from gameplay.store.scores import DailyRuns, DailyStandings, Leaderboards, ScoreJournal

pytestmark = pytest.mark.services("gameplay")

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    async with asyncpg.create_pool(database.dsn("gameplay"), min_size=2, max_size=4) as made:
        yield made


def rich_player(player_id: int) -> Player:
    """A player with every field set to something of its own."""
    return Player(
        player_id,
        Energy(3, 14, NOON - timedelta(minutes=7), TODAY),
        "Käthe ß 🎈",
        "en",
        NOON - timedelta(days=9),
        Streak(5, 8, TODAY, TODAY, TODAY - timedelta(days=2), date(2026, 3, 2)),
        Premium((Term(NOON - timedelta(days=1), NOON + timedelta(days=6, microseconds=5), 1),)),
        2,
        4,
        Settings(daily_push=False, daily_reminder=True, streak_reminder=False),
        Tally(90, 60, 7, TODAY),
        Game(Mode.WORD_ORDER, uuid.uuid4(), 3, 2),
        DailyRun(TODAY, 4, 3, 12_345, uuid.uuid4(), NOON, is_current=False),
        (
            ModeProgress(Mode.QUICK_MIX_A1A2, None, 31, 25, "10" * 10, 4, ("qm-a1-001", "qm-a1-002")),
            ModeProgress(Mode.WORD_ORDER, access_until=NOON),
        ),
    )


async def test_players_come_back_as_they_were_saved(pool: "asyncpg.Pool[asyncpg.Record]"):
    store = PlayerStore()
    plain = store.blank(2)
    plain.joined_at = NOON
    async with pool.acquire() as connection, connection.transaction():
        await store.save(connection, [rich := rich_player(1), plain])
        assert await store.load(connection, [1, 2, 3]) == {1: rich, 2: plain}
        rich.energy, rich.game, rich.name = Energy(0, 0, NOON, TODAY), None, "Neu"
        await store.save(connection, [rich])
        assert await store.load(connection, [1]) == {1: rich}


async def test_rounds_come_back_as_they_were_saved(pool: "asyncpg.Pool[asyncpg.Record]"):
    store = RoundStore()
    opened = Round(uuid.uuid4(), 1, Mode.ARTIKEL_SPRINT, "ar-a1-001", 23, 1, RoundStatus.STARTED, NOON)
    other = Round(uuid.uuid4(), 1, Mode.DAILY_CHALLENGE, "dc-a1-001", 0, 7, RoundStatus.STARTED, NOON, TODAY)
    async with pool.acquire() as connection, connection.transaction():
        await store.save(connection, [opened, other])
        assert await store.load(connection, sorted([opened.id, other.id])) == {opened.id: opened, other.id: other}
        opened.status, opened.chosen, opened.is_right, opened.response_ms = RoundStatus.COMPLETED, 2, False, 4_200
        opened.answered_at, opened.berlin_day, opened.raised_streak = NOON, TODAY, True
        await store.save(connection, [opened])
        await AbandonedRounds().append(connection, [Abandoned(opened.id), Abandoned(other.id)])
        other.status = RoundStatus.ABANDONED
        assert await store.load(connection, sorted([opened.id, other.id])) == {opened.id: opened, other.id: other}


async def test_a_second_daily_run_on_one_day_is_refused_by_the_database(pool: "asyncpg.Pool[asyncpg.Record]"):
    begun = DailyMark(1, TODAY, NOON, is_finished=False)
    async with pool.acquire() as connection:
        await DailyRuns().append(connection, [begun, DailyMark(1, TODAY + timedelta(days=1), NOON, is_finished=False)])
        with pytest.raises(asyncpg.UniqueViolationError):
            await DailyRuns().append(connection, [begun])


async def test_daily_standings_rank_by_right_then_time_and_ties_share(pool: "asyncpg.Pool[asyncpg.Record]"):
    results = {1: (7, 50_000), 2: (7, 40_000), 3: (5, 1_000), 4: (7, 50_000), 5: (2, 90_000)}
    begun = [DailyMark(player, TODAY, NOON, is_finished=False) for player in (*results, 6)]
    finished = [DailyMark(p, TODAY, NOON, is_finished=True, right=r, total_ms=ms) for p, (r, ms) in results.items()]
    async with pool.acquire() as connection:
        await DailyRuns().append(connection, [*finished, *begun])
        found = await DailyStandings().load(connection, [(TODAY, player) for player in range(1, 8)])
    assert {player: standing.rank for (_, player), standing in found.items()} == {2: 1, 1: 2, 4: 2, 3: 4, 5: 5}
    assert {standing.players for standing in found.values()} == {5}


async def test_the_journal_takes_one_entry_per_cause_and_asset_and_no_edits(pool: "asyncpg.Pool[asyncpg.Record]"):
    entry = Entry("cause", Asset.PAID_ENERGY, 1, 10, "gift", NOON)
    async with pool.acquire() as connection:
        await JournalOfValue().append(connection, [entry, Entry("cause", Asset.DUEL_TICKET, 1, 1, "gift", NOON)])
        with pytest.raises(asyncpg.UniqueViolationError):
            await JournalOfValue().append(connection, [entry])
        for sql in ("update journal set amount = 99", "delete from journal"):
            with pytest.raises(asyncpg.RaiseError):
                await connection.execute(sql)


async def test_leaderboards_by_period_with_shared_places(pool: "asyncpg.Pool[asyncpg.Record]"):
    clock = ManualClock(NOON)  # a Wednesday
    board = Leaderboards(clock=clock)
    async with pool.acquire() as connection:
        players = [rich_player(number) for number in range(1, 14)]
        for player in players:
            player.name, player.tally = f"P{player.id}", Tally(10, player.id // 2, 0, None)
        await PlayerStore().save(connection, players)
        monday, last_week = date(2026, 3, 2), date(2026, 3, 1)
        today = [Score(number, TODAY, number // 2, 1, 100 * number) for number in range(1, 14)]
        earlier = [Score(1, monday, 40, 50, 10), Score(2, last_week, 90, 90, 10), Score(3, TODAY, 0, 1, 5)]
        await ScoreJournal().append(connection, [*today, *earlier])
        boards = await board.load(
            connection, [(Period.DAY, 1), (Period.DAY, 3), (Period.WEEK, 1), (Period.ALL_TIME, 13)]
        )
    day_board = boards[Period.DAY, 1]
    assert day_board.own is None  # no right answer today
    assert day_board.players == 12
    assert [(r.rank, r.player_id, r.right) for r in day_board.top[:4]] == [
        (1, 12, 6),
        (1, 13, 6),
        (3, 10, 5),
        (3, 11, 5),
    ]
    assert len(day_board.top) == 10
    own = boards[Period.DAY, 3].own
    assert own is not None
    assert (own.rank, own.right, own.name) == (11, 1, "P3")
    assert (boards[Period.WEEK, 1].top[0].player_id, boards[Period.WEEK, 1].top[0].right) == (1, 40)
    assert boards[Period.ALL_TIME, 13].top[0].rank == 1


async def test_a_leaderboard_rests_in_proportion_to_what_reading_it_took(pool: "asyncpg.Pool[asyncpg.Record]"):
    ticks = iter([0.0, 1.0, 20.9, 21.1, 21.2, 0.0])
    board = Leaderboards(clock=ManualClock(NOON), timer=lambda: next(ticks))
    async with pool.acquire() as connection:
        first = await board.shared(connection, Period.DAY, TODAY)  # from 0.0 to 1.0: good until 21.0
        assert await board.shared(connection, Period.DAY, TODAY) is first
        assert await board.shared(connection, Period.DAY, TODAY) is not first


@pytest.mark.parametrize(
    ("sql", "argument", "index"),
    [
        (PLAYERS["load_players"], list(range(1, 50)), "players_pkey"),
        (ROUNDS["load_rounds"], [uuid.UUID(int=number << 80) for number in range(50)], "rounds_pkey"),
        (ROUNDS["abandon_rounds"], [uuid.UUID(int=number << 80) for number in range(50)], "rounds_pkey"),
    ],
)
async def test_hot_queries_use_their_index(
    pool: "asyncpg.Pool[asyncpg.Record]", sql: str, argument: list[object], index: str
):
    async with pool.acquire() as connection:
        await connection.execute(
            "insert into rounds (id, player_id, mode, question_id, option_order, number, status, started_at) "
            "select overlay(gen_random_uuid()::text placing lpad(to_hex(n), 8, '0') from 1)::uuid, n, 'X', 'q', 0, 1, "
            "'STARTED', now() from generate_series(1, 5000) as n"
        )
        await PlayerStore().save(connection, [rich_player(number) for number in range(1, 2001)])
        plan = await connection.fetch(f"explain {sql}", argument)
    text = "\n".join(row[0] for row in plan)
    assert index in text
    assert "Seq Scan" not in text


async def test_the_standing_of_a_day_reads_its_index_only(pool: "asyncpg.Pool[asyncpg.Record]"):
    async with pool.acquire() as connection:
        await connection.execute(
            "insert into daily_runs "
            "select $1::date - n % 30, n, now(), now(), n % 8, n from generate_series(1, 6000) as n",
            TODAY,
        )
        await connection.execute("set enable_seqscan = off")
        plan = await connection.fetch(f"explain {SCORES['daily_standings']}", [TODAY], [30])
    assert "daily_runs_standing" in "\n".join(row[0] for row in plan)


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
    asked, answered = started.round, 0
    while asked is not None:
        service.clock.advance(seconds=3)
        told = await service.told(AnswerRound(player_id=5, round_id=asked.round_id, option=0))
        (completed,) = [message for message in told if isinstance(message, RoundCompleted)]
        asked, answered = completed.next_round, answered + 1
    assert answered == 20
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
