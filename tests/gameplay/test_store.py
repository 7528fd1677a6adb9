"""The stores on real Postgres: what a turn saves is what the next turn loads."""

import asyncio
import uuid
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from actors.clock import ManualClock
from contracts.gameplay import (
    Mode,
    Period,
)
from gameplay.domain.energy import Energy
from gameplay.domain.grants import Goods, Grant
from gameplay.domain.journal import Asset, Entry
from gameplay.domain.leaderboard import DailyMark, Score
from gameplay.domain.levels import ModeProgress
from gameplay.domain.player import Player, Settings, Tally
from gameplay.domain.premium import Premium, Term
from gameplay.domain.rounds import Abandoned, Round, RoundStatus
from gameplay.domain.run import DailyRun, Game
from gameplay.domain.streak import Streak
from gameplay.store.grants import GRANTS, GrantStore
from gameplay.store.players import PLAYERS, JournalOfValue, PlayerStore
from gameplay.store.rounds import ROUNDS, AbandonedRounds, RoundStore
from gameplay.store.rounds import SQL as SWEEPS
from gameplay.store.scores import SQL as SCORES
from gameplay.store.scores import DailyRuns, DailyStandings, Leaderboards, ScoreJournal

pytestmark = pytest.mark.services("gameplay")

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
TODAY = date(2026, 3, 4)


def rich_player(player_id: int) -> Player:
    """A player with every field set to something of its own."""
    return Player(
        player_id,
        Energy(3, 14, NOON - timedelta(minutes=7), TODAY),
        "Käthe ß 🎈",
        "en",
        NOON - timedelta(days=9),
        Streak(5, 8, TODAY, TODAY, TODAY - timedelta(days=2), date(2026, 3, 2)),
        Premium((Term(NOON - timedelta(days=1), NOON + timedelta(days=6, microseconds=5), 1),), version=3),
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
        rich.premium = Premium((), version=4)
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


async def test_grants_come_back_as_they_were_saved(pool: "asyncpg.Pool[asyncpg.Record]"):
    store = GrantStore()
    given = Grant(uuid.uuid4(), 1, Goods(15, 1, 2, 24), granted_at=NOON)
    returned = Grant(uuid.uuid4(), 2, revoked_at=NOON)
    async with pool.acquire() as connection, connection.transaction():
        await store.save(connection, [given, returned])
        assert await store.load(connection, sorted([given.id, returned.id])) == {given.id: given, returned.id: returned}
        given.revoked_at = NOON + timedelta(hours=1)
        returned.goods, returned.granted_at = Goods(paid_energy=10), NOON - timedelta(hours=1)
        await store.save(connection, [given, returned])
        assert await store.load(connection, sorted([given.id, returned.id])) == {given.id: given, returned.id: returned}


@pytest.mark.parametrize("row_type", ["player_row", "player_row_2"])
async def test_code_of_before_still_writes_players(pool: "asyncpg.Pool[asyncpg.Record]", row_type: str):
    """While a release rolls out, its predecessor runs on the new table; one knew no premium version."""
    player = rich_player(1)
    async with pool.acquire() as connection:
        typed = "select attname from pg_attribute where attrelid = $1::regclass order by attnum"
        columns = [row[0] for row in await connection.fetch(typed, row_type)]
        known = dict(zip(PLAYERS.columns.split(", "), PLAYERS.row_of(player), strict=True))
        before = (
            f"insert into players ({', '.join(columns)}) select * from unnest($1::{row_type}[]) on conflict (id) do "
            f"update set {', '.join(f'{name} = excluded.{name}' for name in columns if name != 'id')}"
        )
        version = player.premium.version if "premium_version" in columns else 0
        await connection.execute(before, [tuple(known[name] for name in columns)])
        assert await connection.fetchval("select premium_version from players") == version
        await PlayerStore().save(connection, [player])
        await connection.execute(before, [tuple(known[name] for name in columns)])
        assert await connection.fetchval("select premium_version from players") == player.premium.version
        assert await PlayerStore().load(connection, [1]) == {1: player}


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


@pytest.mark.parametrize(
    "change",
    [
        "update players set energy_free = 21",
        "update players set energy_free = -1",
        "update players set energy_paid = -1",
        "update players set saver_tokens = -1",
        "update players set duel_tickets = -1",
        "update players set streak_days = streak_best + 1",
        "update rounds set status = 'COMPLETED'",
        "update rounds set chosen = 1",
    ],
)
async def test_the_database_refuses_what_no_player_can_have(pool: "asyncpg.Pool[asyncpg.Record]", change: str):
    async with pool.acquire() as connection:
        await PlayerStore().save(connection, [rich_player(1)])
        opened = Round(uuid.uuid4(), 1, Mode.ARTIKEL_SPRINT, "ar-a1-001", 23, 1, RoundStatus.STARTED, NOON)
        await RoundStore().save(connection, [opened])
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(change)


async def test_leaderboards_by_period_with_shared_places(pool: "asyncpg.Pool[asyncpg.Record]"):
    clock = ManualClock(NOON)  # a Wednesday
    board = Leaderboards(pool, clock)
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


class Stopwatch:
    """Stands still between readings; `ticks` are the moments at which a reading begins and ends."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ticks: list[float] = []

    def __call__(self) -> float:
        return self.ticks.pop(0) if self.ticks else self.now


async def test_a_leaderboard_rests_in_proportion_to_what_reading_it_took(pool: "asyncpg.Pool[asyncpg.Record]"):
    watch = Stopwatch()
    board = Leaderboards(pool, ManualClock(NOON), timer=watch)
    async with pool.acquire() as connection:
        watch.ticks, watch.now = [0.0, 1.0], 20.9
        first = await board.shared(connection, Period.DAY, TODAY)  # took a second: good until 21.0
        assert await board.shared(connection, Period.DAY, TODAY) is first
        watch.now = 21.0
        await board.shared(connection, Period.DAY, TODAY)
        async with asyncio.timeout(10):
            await asyncio.gather(*board._reading.values())
        assert await board.shared(connection, Period.DAY, TODAY) is not first


async def test_a_cheap_leaderboard_is_read_anew_at_once(pool: "asyncpg.Pool[asyncpg.Record]"):
    watch = Stopwatch()
    board = Leaderboards(pool, ManualClock(NOON), timer=watch)
    async with pool.acquire() as connection:
        watch.ticks, watch.now = [0.0, 0.01], 0.2
        first = await board.shared(connection, Period.DAY, TODAY)  # took 10 ms: good until 0.21
        assert await board.shared(connection, Period.DAY, TODAY) is first
        watch.now = 0.22
        assert await board.shared(connection, Period.DAY, TODAY) is not first


async def test_a_costly_leaderboard_is_read_anew_beside_the_turns(pool: "asyncpg.Pool[asyncpg.Record]"):
    watch = Stopwatch()
    board = Leaderboards(pool, ManualClock(NOON), timer=watch)
    async with pool.acquire() as connection:
        watch.ticks, watch.now = [0.0, 1.0], 30.0
        first = await board.shared(connection, Period.DAY, TODAY)
        assert await board.shared(connection, Period.DAY, TODAY) is first  # once more, while it is read beside
        async with asyncio.timeout(10):
            await asyncio.gather(*board._reading.values())
        shown = await board.shared(connection, Period.DAY, TODAY)
    assert shown is not first
    await board.stop()


@pytest.mark.parametrize(
    ("sql", "argument", "index"),
    [
        (PLAYERS.load_sql, list(range(1, 50)), "players_pkey"),
        (ROUNDS.load_sql, [uuid.UUID(int=number << 80) for number in range(50)], "rounds_pkey"),
        (GRANTS.load_sql, [uuid.UUID(int=number << 80) for number in range(50)], "grants_pkey"),
        (SWEEPS["abandon_rounds"], [uuid.UUID(int=number << 80) for number in range(50)], "rounds_pkey"),
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
        await GrantStore().save(connection, [Grant(uuid.uuid4(), n, Goods(10), granted_at=NOON) for n in range(5000)])
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
