"""Goods as the ledger has them, premium as customers have it, and the runs that compared both with gameplay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from asyncpg import Record

from actors.queries import load
from actors.store import Connection, Journal, ReadModel, Writer
from contracts.gameplay import GoodsView
from contracts.payments import PremiumTerm, PurchaseState
from payments.domain.goods import GoodsDiff, Granted, Ordered, Owed, PremiumSold
from payments.domain.goods_runs import Acknowledged, GoodsClosed

SQL: Final = load("payments.store", "goods.sql")

_encoder: Final = msgspec.json.Encoder()
_terms: Final = msgspec.json.Decoder(tuple[PremiumTerm, ...])


class GoodsRun(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison with gameplay: what it looked at, repaired and found."""

    run_id: UUID
    full: bool
    started_at: datetime
    finished_at: datetime | None
    """None while it is under way, or when it was cut off."""
    looked_at: int
    repaired: int
    repairs: tuple[str, ...]
    diff_count: int
    diffs: tuple[GoodsDiff, ...]
    unanswered: str
    """Why not all was compared; empty when it was."""


class SoldGoods(ReadModel[UUID, Granted]):
    """Grants as the ledger has them."""

    state = Granted
    key_field = "grant_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Granted]:
        """Read grants; what gave premium, or was never credited, is none."""
        return await read_sold(connection, keys)


class Debts(ReadModel[UUID, Owed]):
    """Whether what had been spent of a grant is booked already."""

    state = Owed
    key_field = "grant_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Owed]:
        """Read which of the grants have a debt in the ledger."""
        return {row[0]: Owed(row[0]) for row in await connection.fetch(SQL["owed"], keys)}


class Orders(ReadModel[UUID, Ordered]):
    """Purchases by the grants that they lead to."""

    state = Ordered
    key_field = "grant_id"

    async def load(self, connection: Connection, keys: Sequence[UUID]) -> dict[UUID, Ordered]:
        """Read which of the grants are purchases."""
        return {row[0]: Ordered(row[0], PurchaseState(row[1])) for row in await connection.fetch(SQL["ordered"], keys)}


class GoodsRunJournal(Journal[GoodsClosed]):
    """Finishes the rows of comparisons."""

    row = GoodsClosed

    async def append(self, connection: Writer, rows: Sequence[GoodsClosed]) -> None:
        """Write the outcome of runs in one statement."""
        columns = zip(*map(_columns_of, rows), strict=True)
        await connection.execute(SQL["close_runs"], *(list(column) for column in columns))


class AcknowledgedGoods(Journal[Acknowledged]):
    """Grants that a person has looked at."""

    row = Acknowledged

    async def append(self, connection: Writer, rows: Sequence[Acknowledged]) -> None:
        """Write them in one statement; one that is there stays as it is."""
        columns = zip(*map(msgspec.structs.astuple, rows), strict=True)
        await connection.execute(SQL["acknowledge"], *(list(column) for column in columns))


async def read_sold(connection: Connection, grant_ids: Sequence[UUID]) -> dict[UUID, Granted]:
    """Return what was sold under these ids, as far as it is goods for the game."""
    return {row[0]: _granted_of(row) for row in await connection.fetch(SQL["sold"], grant_ids)}


async def read_acknowledged(connection: Connection, grant_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the grants that a person has looked at."""
    return {row[0] for row in await connection.fetch(SQL["acknowledged"], grant_ids)}


async def read_premium(connection: Connection, player_ids: Sequence[int]) -> dict[int, PremiumSold]:
    """Return the premium of these players, of those who ever had any."""
    rows = await connection.fetch(SQL["premium"], player_ids)
    return {
        row[0]: PremiumSold(player_id=row[0], revision=row[1], terms=_terms.decode(row[2]), changed_at=row[3])
        for row in rows
    }


async def open_run(connection: Connection, run_id: UUID, now: datetime, *, full: bool) -> bool:
    """Begin a run, or begin it again; False when it was finished already."""
    return bool(await connection.fetchval(SQL["open_run"], run_id, full, now))


async def last_compared(connection: Connection) -> tuple[datetime | None, bool]:
    """Return when the last run began that compared everything, and True; without one, when the first try began."""
    row = await connection.fetchrow(SQL["last_compared"])
    return (None, False) if row is None else (row[0], bool(row[1]))


async def read_runs(connection: Connection, run_id: UUID | None, only_diffs: bool, limit: int) -> list[GoodsRun]:
    """Return runs, the last one first."""
    return [_run_of(row) for row in await connection.fetch(SQL["runs"], run_id, only_diffs, limit)]


def _granted_of(row: Record) -> Granted:
    return Granted(
        grant_id=row[0],
        player_id=row[1],
        product=row[2],
        granted_at=row[3],
        revoked_at=row[4],
        goods=_goods_of(row[5:9]),
        owed=_goods_of(row[9:13]),
    )


def _goods_of(amounts: Sequence[int]) -> GoodsView:
    paid_energy, saver_tokens, duel_tickets, mode_hours = amounts
    return GoodsView(
        paid_energy=paid_energy, saver_tokens=saver_tokens, duel_tickets=duel_tickets, mode_hours=mode_hours
    )


def _columns_of(closed: GoodsClosed) -> tuple[Any, ...]:
    run = closed.run
    found = (_json(run.repairs), run.repaired, _json(run.diffs), run.diff_count, run.unanswered)
    return (run.run_id, closed.at, run.looked_at, *found)


def _json(value: Any) -> str:
    return _encoder.encode(value).decode()


def _run_of(row: Record) -> GoodsRun:
    run_id, full, started_at, finished_at, looked_at, repaired, repairs, diff_count, diffs, unanswered = row
    return GoodsRun(
        run_id=run_id,
        full=full,
        started_at=started_at,
        finished_at=finished_at,
        looked_at=looked_at,
        repaired=repaired,
        repairs=msgspec.json.decode(repairs, type=tuple[str, ...]),
        diff_count=diff_count,
        diffs=msgspec.json.decode(diffs, type=tuple[GoodsDiff, ...]),
        unanswered=unanswered,
    )
