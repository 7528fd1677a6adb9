"""The books as rows: a provider's list as it was read, charges in all books, and the runs that compared them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec
import structlog
from asyncpg import Record

from actors.queries import load
from actors.store import Connection, Journal, Writer
from contracts.payments import Provider, PurchaseState
from payments.domain.books import Book, Total
from payments.domain.charge import ChargeState
from payments.domain.reconciliation import AtProvider, ChargeComparison, Diff, InCharges, InLedger, InPurchases
from payments.domain.runs import Closed
from payments.store.ledger import SQL as LEDGER

SQL: Final = load("payments.store", "reconciliation.sql")

FULL_SECONDS: Final = 600.0
"""A statement that reads whole books may take so long."""
DOUBTFUL_MAX: Final = 100_000
"""So many charges that do not agree are looked at one by one in a run; the next run looks at the next."""
_UNSOUND_MAX: Final = 20
_A_ROW_IS_AT_FAULT: Final = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,  # a key that no index takes
)

log = structlog.get_logger()

_encoder: Final = msgspec.json.Encoder()


class ProviderRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a provider's list, in the order of the table's columns."""

    provider: Provider
    id: str
    direction: str
    kind: str
    charge_id: str
    amount: int
    currency: str
    player_id: int
    """0 when the provider does not say."""
    purchase_id: UUID | None
    payload: str
    at: datetime
    seen_at: datetime
    nano: int = 0
    commission: int | None = None
    movement: str = ""
    said: str | None = None
    """JSON."""


class Cursor(msgspec.Struct, frozen=True):
    """How far a provider's list has been read: in rows, and in time."""

    position: int
    read_to: datetime
    reader: int = 0
    """Which reader has read all of it; a newer one reads it once more from its start."""


class ListTotals(msgspec.Struct, frozen=True):
    """How many rows of a provider's list are here, and what came in less what went out and was charged back."""

    count: int
    rest: int
    """In nanostars."""


class RunRow(msgspec.Struct, frozen=True, kw_only=True):
    """One run over one provider's books."""

    run_id: UUID
    provider: Provider
    full: bool
    started_at: datetime
    finished_at: datetime | None
    """None while it is under way, or when it was cut off."""
    looked_at: int
    repaired: int
    repairs: tuple[str, ...]
    books: tuple[Total, ...]
    diff_count: int
    diffs: tuple[Diff, ...]


class RunJournal(Journal[Closed]):
    """Finishes the rows of runs."""

    row = Closed

    async def append(self, connection: Writer, rows: Sequence[Closed]) -> None:
        """Write the outcome of runs in one statement."""
        columns = zip(*map(_columns_of, rows), strict=True)
        await connection.execute(SQL["close_runs"], *(list(column) for column in columns))


# -- a provider's list --------------------------------------------------------------------------


async def save_rows(connection: Connection, rows: Sequence[ProviderRow]) -> int:
    """Keep lines of a provider's list; returns how many were new, or are read otherwise now.

    One that is told twice is one, and rows are locked in the order in which turns lock them.
    """
    known = {(row.provider, row.direction, row.id): row for row in rows}
    return await _save(connection, [known[key] for key in sorted(known)])


async def _save(connection: Connection, rows: Sequence[ProviderRow]) -> int:
    """Write rows; one that Postgres refuses is found by halves, said so, and keeps none of the others back."""
    try:
        async with connection.transaction():
            outcome = await connection.execute(SQL["save_transactions"], list(map(msgspec.structs.astuple, rows)))
            return int(outcome.rpartition(" ")[2])
    except _A_ROW_IS_AT_FAULT as error:
        if len(rows) == 1:
            log.error("provider_row_refused", provider=rows[0].provider, row=rows[0].id, error=str(error))
            return 0
    half = len(rows) // 2
    return await _save(connection, rows[:half]) + await _save(connection, rows[half:])


async def read_cursor(connection: Connection, provider: Provider) -> Cursor | None:
    """Return how far a provider's list has been read; None when it never was."""
    row = await connection.fetchrow(SQL["cursor"], provider)
    return None if row is None else Cursor(*row)


async def read_open_withdrawals(connection: Connection, before: int, limit: int) -> list[int]:
    """Return about where Telegram's list has withdrawals that were under way when they were read; reads all of it."""
    return [row[0] for row in await connection.fetch(SQL["open_withdrawals"], before, limit, timeout=FULL_SECONDS)]


async def save_cursor(connection: Connection, provider: Provider, cursor: Cursor) -> None:
    """Note how far a provider's list has been read."""
    await connection.execute(SQL["save_cursor"], provider, cursor.position, cursor.read_to, cursor.reader)


async def read_list_totals(connection: Connection, provider: Provider) -> ListTotals:
    """Count all that is here of a provider's list, and add it up with what was settled by hand."""
    row = await connection.fetchrow(SQL["seen"], provider, timeout=FULL_SECONDS)
    return ListTotals(0, 0) if row is None else ListTotals(row[0], int(row[1]))


# -- the three books ----------------------------------------------------------------------------


async def changed_charges(connection: Connection, provider: Provider, since: datetime) -> list[str]:
    """Return the charges of which any book has changed since then."""
    rows = await connection.fetch(SQL["changed_charges"], provider, since, timeout=FULL_SECONDS)
    return sorted(row[0] for row in rows)


async def doubtful_charges(connection: Connection, provider: Provider) -> dict[str, InLedger]:
    """Return the charges on which the books do not all agree, with what the ledger has of them; reads all of them."""
    rows = await connection.fetch(SQL["doubtful_charges"], provider, DOUBTFUL_MAX, timeout=FULL_SECONDS)
    return {row[0]: InLedger(row[1], row[2]) for row in rows}


async def read_traces(
    connection: Connection, provider: Provider, charge_ids: Sequence[str], in_ledger: Mapping[str, InLedger]
) -> list[ChargeComparison]:
    """Return what each book says about these charges, in one snapshot.

    The ledger is asked for the transactions that should be there. `in_ledger` is what a reading of all of it found
    under these charges before; the ledger only grows, so the greater of both is what it has.
    """
    rows = await connection.fetch(SQL["traces"], provider, charge_ids)
    return [_comparison_of(provider, row, in_ledger.get(row[0], InLedger(0, 0))) for row in rows]


async def read_totals(connection: Connection, provider: Provider, before: datetime) -> tuple[Total, ...]:
    """Return counts and totals of all books; of the provider's side only what was settled before then."""
    rows = await connection.fetch(SQL["book_totals"], provider, before, timeout=FULL_SECONDS)
    return tuple(Total(Book(row[0]), *row[1:]) for row in rows)


async def read_unsound(
    connection: Connection,
) -> tuple[list[tuple[UUID, str | None, int]], list[tuple[str, str, int, int]]]:
    """Return ledger transactions out of balance, and balances that differ from their entries; reads all of it."""
    transactions = await connection.fetch(LEDGER["unbalanced_transactions"], _UNSOUND_MAX, timeout=FULL_SECONDS)
    balances = await connection.fetch(LEDGER["differing_balances"], _UNSOUND_MAX, timeout=FULL_SECONDS)
    return [(row[0], row[1], row[2]) for row in transactions], [(row[0], row[1], row[2], row[3]) for row in balances]


# -- runs ---------------------------------------------------------------------------------------


async def open_run(connection: Connection, run_id: UUID, provider: Provider, full: bool, now: datetime) -> bool:
    """Begin a run, or begin it again; False when it was finished already."""
    return bool(await connection.fetchval(SQL["open_run"], run_id, provider, full, now))


async def last_run(connection: Connection, provider: Provider) -> datetime | None:
    """Return when the last finished run began."""
    return await connection.fetchval(SQL["last_run"], provider)


async def read_runs(connection: Connection, run_id: UUID | None, only_diffs: bool, limit: int) -> list[RunRow]:
    """Return runs, the last one first."""
    rows = await connection.fetch(SQL["runs"], run_id, only_diffs, limit)
    return [_run_of(row) for row in rows]


def _json(value: Any) -> str:
    return _encoder.encode(value).decode()


def _columns_of(closed: Closed) -> tuple[Any, ...]:
    run = closed.run
    found = (_json(run.repairs), run.repaired, _json(run.books), _json(run.diffs), run.diff_count)
    return (run.run_id, run.provider, closed.at, run.looked_at, *found)


def _comparison_of(provider: Provider, row: Record, at_least: InLedger) -> ChargeComparison:
    seen, charge, purchase, ledger = row[1:9], row[9:17], row[17:21], row[21:23]
    return ChargeComparison(
        provider=provider,
        charge_id=row[0],
        at_provider=None if seen[0] is None else _seen_of(*seen, commission=row[24]),
        charge=None if charge[0] is None else _charge_of(*charge),
        purchase=None if purchase[0] is None else _purchase_of(*purchase),
        ledger=InLedger(max(ledger[0], at_least.taken), max(ledger[1], at_least.returned)),
        is_acknowledged=row[23],
    )


def _seen_of(  # noqa: PLR0913, PLR0917 - the columns
    taken: int,
    returned: int,
    currency: str,
    taken_at: datetime | None,
    returned_at: datetime | None,
    player_id: int,
    payload: str,
    is_disputed: bool,
    *,
    commission: int | None,
) -> AtProvider:
    return AtProvider(
        taken=taken,
        returned=returned,
        currency=currency,
        taken_at=taken_at,
        returned_at=returned_at,
        player_id=player_id,
        payload=payload,
        is_disputed=is_disputed,
        commission=commission,
    )


def _charge_of(state: str, player_id: int, purchase_id: UUID | None, amount: int, currency: str, *at: Any) -> InCharges:
    paid_at, recorded_at, refunded_at = at
    return InCharges(
        state=ChargeState(state),
        player_id=player_id,
        purchase_id=purchase_id,
        amount=amount,
        currency=currency,
        paid_at=paid_at,
        recorded_at=recorded_at,
        refunded_at=refunded_at,
    )


def _purchase_of(purchase_id: UUID, product: str, state: str, is_credited: bool) -> InPurchases:
    return InPurchases(purchase_id=purchase_id, product=product, state=PurchaseState(state), is_credited=is_credited)


def _run_of(row: Record) -> RunRow:
    run_id, provider, full, started_at, finished_at, looked_at, repaired, repairs, books, diff_count, diffs = row
    return RunRow(
        run_id=run_id,
        provider=Provider(provider),
        full=full,
        started_at=started_at,
        finished_at=finished_at,
        looked_at=looked_at,
        repaired=repaired,
        repairs=msgspec.json.decode(repairs, type=tuple[str, ...]),
        books=msgspec.json.decode(books, type=tuple[Total, ...]),
        diff_count=diff_count,
        diffs=msgspec.json.decode(diffs, type=tuple[Diff, ...]),
    )
