"""Scores, daily runs, and what is read off them: leaderboards and standings."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import asyncpg
import msgspec
from asyncpg import Record

from actors.clock import Clock
from actors.queries import load
from actors.store import Connection, Journal, ReadModel, Writer
from contracts.berlin import ONE_DAY, day_of
from contracts.gameplay import Period, RankedPlayer
from gameplay.domain import leaderboard
from gameplay.domain.leaderboard import TOP, Board, DailyMark, DailyStanding, Score

SQL: Final = load("gameplay.store", "scores.sql")


class ScoreJournal(Journal[Score]):
    """Answers, added to their players' scores of the day."""

    row = Score

    async def append(self, connection: Writer, rows: Sequence[Score]) -> None:
        """Add the answers up by (day, player) and write them in one statement, in the order of the key."""
        totals: dict[tuple[date, int], tuple[int, int, int]] = {}
        for row in rows:
            right, answers, total_ms = totals.get((row.day, row.player_id), (0, 0, 0))
            totals[row.day, row.player_id] = (right + row.right, answers + row.answers, total_ms + row.total_ms)
        columns = zip(*((*key, *total) for key, total in sorted(totals.items())), strict=True)
        await connection.execute(SQL["add_scores"], *columns)


class DailyRuns(Journal[DailyMark]):
    """Daily runs begun and finished. A second run of a player on one day is refused by the primary key."""

    row = DailyMark
    apart = True

    async def append(self, connection: Writer, rows: Sequence[DailyMark]) -> None:
        """Write the beginnings, then the results."""
        begun = [(row.day, row.player_id, row.at) for row in rows if not row.is_finished]
        finished = [(row.day, row.player_id, row.at, row.right, row.total_ms) for row in rows if row.is_finished]
        if begun:
            await connection.execute(SQL["begin_daily_runs"], *zip(*begun, strict=True))
        if finished:
            await connection.execute(SQL["finish_daily_runs"], *zip(*finished, strict=True))


class DailyStandings(ReadModel[tuple[date, int], DailyStanding]):
    """How a finished daily run stands among all of its day."""

    state = DailyStanding
    key_field = "day"

    def key(self, message: Any, field: str | None = None) -> tuple[date, int]:
        """Return the day and the player whose standing the message is about."""
        del field
        return message.day, message.player_id

    async def load(
        self, connection: Connection, keys: Sequence[tuple[date, int]]
    ) -> dict[tuple[date, int], DailyStanding]:
        """Return the standings of those runs that are finished."""
        rows = await connection.fetch(SQL["daily_standings"], *zip(*keys, strict=True))
        return {(row[0], row[1]): DailyStanding(row[2], row[3], row[4], row[5]) for row in rows}


class Shared(msgspec.Struct, frozen=True):
    """The part of a leaderboard that is the same for everyone."""

    top: tuple[RankedPlayer, ...]
    players_by_right: Mapping[int, int]
    cost_seconds: float
    good_until: float

    @property
    def players(self) -> int:
        """How many players have a place."""
        return sum(self.players_by_right.values())


REST_FACTOR: Final = 20
"""A leaderboard is kept for this many times as long as it took to read: at most a twentieth of one connection."""
KEPT_SECONDS_MAX: Final = 60.0
CHEAP_SECONDS: Final = 0.02
"""What takes longer to read is read beside the turns, so that no tap waits for it."""


async def read_shared(
    connection: Connection, period: Period, today: date, timer: Callable[[], float] = time.monotonic
) -> Shared:
    """Read a leaderboard's shared part; `timer` (seconds) tells what it cost and how long it is good for."""
    started = timer()
    span = _span(period, today)
    if span is None:
        top = await connection.fetch(SQL["top_of_all_time"], TOP)
        counts = await connection.fetch(SQL["players_by_right_of_all_time"])
    else:
        top = await connection.fetch(SQL["top_of_days"], *span, TOP)
        counts = await connection.fetch(SQL["players_by_right_of_days"], *span)
    players_by_right = {row[0]: row[1] for row in counts}
    ranked = tuple(_ranked(row, players_by_right) for row in top)
    ended = timer()
    rest = min(KEPT_SECONDS_MAX, (ended - started) * REST_FACTOR)
    return Shared(ranked, players_by_right, ended - started, ended + rest)


class Leaderboards:
    """What this process remembers of leaderboards: the shared part is read anew when it has rested long enough."""

    def __init__(
        self, pool: "asyncpg.Pool[Record]", clock: Clock, *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        """Tell the day by `clock` and durations by `timer` (seconds); costly ones are read over `pool`."""
        self._pool = pool
        self._clock = clock
        self._timer = timer
        self._shared: dict[tuple[Period, date], Shared] = {}
        self._reading: dict[tuple[Period, date], asyncio.Task[None]] = {}

    async def load(self, connection: Connection, keys: Sequence[tuple[Period, int]]) -> dict[tuple[Period, int], Board]:
        """Return every asked leaderboard: its shared part from memory when fresh, own places always from the rows."""
        today = day_of(self._clock.now()).local
        boards: dict[tuple[Period, int], Board] = {}
        for period in dict.fromkeys(period for period, _ in keys):
            shared = await self.shared(connection, period, today)
            asking = [player_id for asked, player_id in keys if asked is period]
            own = {row[0]: row for row in await _own(connection, period, today, asking)}
            for player_id in asking:
                place = _place(own[player_id], shared) if player_id in own else None
                boards[period, player_id] = Board(shared.top, place, shared.players)
        return boards

    async def shared(self, connection: Connection, period: Period, today: date) -> Shared:
        """Return the top ten and how many players have how many right answers.

        A costly one that is out of date is shown once more while it is read anew on a connection of its own.
        """
        kept = self._shared.get((period, today))
        if kept is None or (self._timer() >= kept.good_until and kept.cost_seconds < CHEAP_SECONDS):
            return await self._read(connection, period, today)
        if self._timer() >= kept.good_until and (period, today) not in self._reading:
            task = asyncio.create_task(self._read_beside(period, today))
            self._reading[period, today] = task
            task.add_done_callback(lambda _: self._reading.pop((period, today)))
        return kept

    async def _read_beside(self, period: Period, today: date) -> None:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            # The one in memory is shown on; the next player who asks tries again.
            async with self._pool.acquire() as connection:
                await self._read(connection, period, today)

    async def _read(self, connection: Connection, period: Period, today: date) -> Shared:
        shared = await read_shared(connection, period, today, self._timer)
        self._shared = {key: value for key, value in self._shared.items() if key[1] == today}
        self._shared[period, today] = shared
        return shared

    async def stop(self) -> None:
        """Give up what is being read."""
        for task in list(self._reading.values()):
            task.cancel()
        await asyncio.gather(*self._reading.values(), return_exceptions=True)


class Boards(ReadModel[tuple[Period, int], Board]):
    """Leaderboards as one player sees them, by (period, player): the top and the player's own place."""

    state = Board
    key_field = "period"
    loaded_by = Leaderboards

    def key(self, message: Any, field: str | None = None) -> tuple[Period, int]:
        """Return period and player."""
        del field
        return message.period, message.player_id


def _span(period: Period, today: date) -> tuple[date, date] | None:
    first = leaderboard.first_day(period, today)
    return None if first is None else (first, today)


async def _own(connection: Connection, period: Period, today: date, players: Sequence[int]) -> list[Any]:
    span = _span(period, today)
    if span is None:
        return await connection.fetch(SQL["own_of_all_time"], players)
    days = [span[0] + ONE_DAY * number for number in range((span[1] - span[0]).days + 1)]
    return await connection.fetch(SQL["own_of_days"], days, players)


def _ranked(row: Record, players_by_right: Mapping[int, int]) -> RankedPlayer:
    player_id, name, right, total_ms = row
    place = leaderboard.rank(right, players_by_right)
    return RankedPlayer(rank=place, player_id=player_id, name=name, right=right, total_ms=total_ms)


def _place(row: Record, shared: Shared) -> RankedPlayer:
    """Return a player's own place: as the top ten shows it, so that the two never differ, else from the row."""
    for ranked in shared.top:
        if ranked.player_id == row[0]:
            return ranked
    return _ranked(row, shared.players_by_right)
