"""Reading the providers' own lists of what they took and gave back, as far as they have not been read (DOMAIN §6)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from actors.jobs import Job
from contracts.payments import Provider, payload_of, purchase_of
from payments.domain.books import BalanceCheck
from payments.domain.recovery import RecoverySettings
from payments.domain.stars import NANOS, Movement
from payments.handlers.star_terms import is_listed, moved_by, understand
from payments.providers import ProviderTransaction, TransactionKind
from payments.providers.registry import PaymentProviders
from payments.providers.telegram_stars import StarsProvider
from payments.store.reconciliation import (
    Cursor,
    ListTotals,
    ProviderRow,
    read_cursor,
    read_list_totals,
    read_open_withdrawals,
    save_cursor,
    save_rows,
)

PAGE: Final = 100
"""Rows of one request."""
OVERLAP_ROWS: Final = 2 * PAGE
"""So many rows of Telegram's list are read again each time: a late one may stand before others."""
OVERLAP: Final = timedelta(hours=1)
"""Likewise of Stripe's, which is asked for by time."""
FAR_OVERLAP: Final = timedelta(days=7)
"""By the full run."""
WITHDRAWALS_MAX: Final = 200
"""So many that are under way for long are looked after in one run, the oldest first."""
WEIGHINGS_MAX: Final = 5
READER: Final = 1
"""Rises when rows are read better than before: then Telegram's list is read once more from its start."""

_EPOCH: Final = datetime.fromtimestamp(0, UTC)

log = structlog.get_logger()


def providers_of(providers: PaymentProviders) -> tuple[Provider, ...]:
    """Return who takes money here."""
    return (Provider.TELEGRAM,) if providers.stripe is None else (Provider.TELEGRAM, Provider.STRIPE)


async def read_on(job: Job, provider: Provider, *, full: bool = False) -> None:
    """Read a provider's list on from where it was left; for a full run with more than the usual overlap.

    Raises ProviderUnavailableError; what was read until then is kept.
    """
    providers = job.resource(PaymentProviders)
    if provider is Provider.TELEGRAM:
        await _read_stars(job, providers.stars)
        if full:
            await _read_what_was_missed(job, providers.stars)
            await _look_after_withdrawals(job, providers.stars)
    elif providers.stripe is not None:
        await _read_stripe(job, providers, FAR_OVERLAP if full else OVERLAP)


async def check_balance(job: Job, stars: StarsProvider) -> BalanceCheck:
    """Compare the balance with the list: list, balance, list again, until they agree and nothing came in between.

    On a busy day something always does: then the balance has to be what the list came to at some instant between.
    """
    tries = 0
    while True:
        tries += 1
        before = await _totals_up_to(job, stars)
        balance = int(await stars.star_balance() * NANOS)
        tail = await _read_stars(job, stars)
        after = await _totals(job)
        came = after.count - before.count
        balance_check = BalanceCheck(balance, after.rest, tuple(tail[-came:]) if came else ())
        if (balance_check.is_even and not came) or tries == WEIGHINGS_MAX:
            return balance_check
        await asyncio.sleep(job.resource(RecoverySettings).balance_pause_seconds)


async def _totals_up_to(job: Job, stars: StarsProvider) -> ListTotals:
    await _read_stars(job, stars)
    return await _totals(job)


async def _totals(job: Job) -> ListTotals:
    async with job.connection() as connection:
        return await read_list_totals(connection, Provider.TELEGRAM)


async def _cursor(job: Job, provider: Provider) -> Cursor | None:
    async with job.connection() as connection:
        return await read_cursor(connection, provider)


# -- Telegram -----------------------------------------------------------------------------------


async def _read_stars(job: Job, stars: StarsProvider, *, from_start: bool = False) -> list[int]:
    """Read on; returns what the last rows of the list moved, in nanostars, oldest first, below 0 what went out."""
    cursor = await _cursor(job, Provider.TELEGRAM)
    position = 0 if cursor is None or from_start else cursor.position
    read_to = _EPOCH if cursor is None else cursor.read_to
    reader = READER if cursor is None else cursor.reader
    tail: list[int] = []
    end = 0
    async for offset, rows in _pages(stars, max(0, position - OVERLAP_ROWS)):
        read_to = max([read_to, *(min(row.at, job.now) for row in rows)])
        understood = await understand(job, rows)
        tail = [*tail, *(moved_by(row) for row in understood if is_listed(row))][-10 * PAGE :]
        await _keep(job, Provider.TELEGRAM, understood, Cursor(max(position, offset), read_to, reader))
        end = offset
    if from_start:
        await _keep(job, Provider.TELEGRAM, (), Cursor(max(position, end), read_to, READER))
    if end < position:
        log.warning("provider_list_shrank", provider=Provider.TELEGRAM, rows=end, read_before=position)
        return await _read_stars(job, stars, from_start=True)
    return tail


async def _pages(stars: StarsProvider, offset: int) -> AsyncIterator[tuple[int, list[ProviderTransaction]]]:
    """Yield the rows after the first `offset` ones, with the offset of what follows; at least one page."""
    while True:
        rows = await stars.star_transactions(offset, PAGE)
        offset += len(rows)
        yield offset, rows
        if len(rows) < PAGE:
            return


async def _read_what_was_missed(job: Job, stars: StarsProvider) -> None:
    """Read all of it again when fewer rows are here than the list has: one was put in where it had been read.

    Likewise when an older reader read it, which knew less of what rows may say.
    """
    cursor, seen = await _cursor(job, Provider.TELEGRAM), await _totals(job)
    if cursor is not None and (cursor.position > seen.count or cursor.reader < READER):
        log.warning("provider_list_read_again", provider=Provider.TELEGRAM, rows=cursor.position, here=seen.count)
        await _read_stars(job, stars, from_start=True)


async def _look_after_withdrawals(job: Job, stars: StarsProvider) -> None:
    """Read again what became of withdrawals that were under way, where reading on does not come by them any more."""
    cursor = await _cursor(job, Provider.TELEGRAM)
    if cursor is None:
        return
    async with job.connection() as connection:
        places = await read_open_withdrawals(connection, cursor.position - OVERLAP_ROWS, WITHDRAWALS_MAX)
    looked_to = 0
    for place in places:
        if place >= looked_to:
            offset = max(0, place - PAGE // 2)
            rows = await stars.star_transactions(offset, PAGE)
            await _keep(job, Provider.TELEGRAM, await understand(job, rows))
            looked_to = offset + PAGE - PAGE // 4


# -- Stripe -------------------------------------------------------------------------------------


async def _read_stripe(job: Job, providers: PaymentProviders, overlap: timedelta) -> None:
    """Read what was added; the newest come first, so the cursor moves once all of it is here."""
    if providers.stripe is None:
        return
    cursor = await _cursor(job, Provider.STRIPE)
    rows: list[ProviderTransaction] = []
    position, read_to = (0, _EPOCH) if cursor is None else (cursor.position, cursor.read_to)
    async for row in providers.stripe.transactions_since(None if cursor is None else cursor.read_to - overlap):
        rows.append(row)
        # A row of a time that has not come would end the reading: all that follows is older.
        read_to = max(read_to, min(row.at, job.now))
        if len(rows) == PAGE:
            position += await _keep(job, Provider.STRIPE, rows)
            rows = []
    position += await _keep(job, Provider.STRIPE, rows)
    await _keep(job, Provider.STRIPE, (), Cursor(position, read_to))


# -- keeping ------------------------------------------------------------------------------------


async def _keep(job: Job, provider: Provider, rows: Sequence[ProviderTransaction], cursor: Cursor | None = None) -> int:
    """Keep rows and move the cursor; returns how many rows were new."""
    now = job.now
    async with job.connection() as connection, connection.transaction():
        new = await save_rows(connection, [_row(provider, row, now) for row in rows]) if rows else 0
        if cursor is not None:
            await save_cursor(connection, provider, cursor)
    return new


def _row(provider: Provider, one: ProviderTransaction, now: datetime) -> ProviderRow:
    payload = one.payload or _payload(one.purchase_id or "")
    # Nothing costs less than a Star: less of them is no sale that any purchase could be found for.
    is_sale = provider is not Provider.TELEGRAM or one.amount > 0
    return ProviderRow(
        provider=provider,
        id=one.row_id,
        direction=one.direction,
        kind=one.kind if is_sale else TransactionKind.OTHER,
        charge_id=one.charge_id,
        amount=one.amount,
        currency=one.currency,
        player_id=one.user_id or 0,
        purchase_id=purchase_of(payload),
        payload=payload,
        at=min(one.at, now),
        seen_at=now,
        nano=one.nano,
        commission=one.commission,
        movement=_movement(one) if is_sale else one.movement or Movement.UNKNOWN,
        said=one.said.decode() or None,
    )


def _movement(one: ProviderTransaction) -> str:
    """Return what a row is; parts of a Star that are neither price nor commission are explained by nobody."""
    is_odd = one.nano and one.kind is not TransactionKind.OTHER
    return Movement.UNKNOWN if is_odd else one.movement


def _payload(purchase_id: str) -> str:
    """Return the payload of a purchase that is named by its id; empty for a text that is none."""
    try:
        return payload_of(UUID(purchase_id))
    except ValueError:
        return ""
