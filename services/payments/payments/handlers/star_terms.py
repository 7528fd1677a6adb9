"""What rows of Telegram's list count as: a commission may be in their amount or not, a withdrawal may fail (§6)."""

from collections.abc import Sequence
from typing import Final

import msgspec

from actors.jobs import Job
from contracts.payments import purchase_of
from payments.domain.stars import NANOS, Terms, split
from payments.providers import Direction, ProviderTransaction, TransactionKind
from payments.store.stars import read_terms

CAME_BACK: Final = "withdrawal failed"
"""The payload of a row that is in no list: Telegram says of a withdrawal that it failed, and need not tell more."""


async def understand(job: Job, rows: Sequence[ProviderTransaction]) -> list[ProviderTransaction]:
    """Return rows as the books count them: `amount` and `nano` are what was paid, the commission is a part of it.

    A row that is there twice is one. After a withdrawal that failed stands its return, whether Telegram has a row of
    that or not: both have the same key.
    """
    returns = [_return_of(row) for row in rows if row.has_come_back]
    known = {(row.row_id, row.direction): row for row in [*returns, *rows]}
    found = await _terms(job, list(known.values()))
    return [_counted(row, found) for row in known.values()]


def moved_by(row: ProviderTransaction) -> int:
    """Return what the balance moved by, in nanostars: below 0 what went out."""
    if row.has_come_back:
        return 0
    net = row.amount * NANOS + row.nano - (row.commission or 0)
    return net if row.direction is Direction.IN else -net


def is_listed(row: ProviderTransaction) -> bool:
    """Whether Telegram's list has it, and not we alone."""
    return row.payload != CAME_BACK


async def _terms(job: Job, rows: Sequence[ProviderTransaction]) -> dict[tuple[str, TransactionKind], Terms]:
    """Look up what purchases cost where a row may not say it; a refund is told apart like its payment."""
    asked = [row for row in rows if row.commission is not None or row.kind is TransactionKind.REFUND]
    if not asked:
        return {}
    async with job.connection() as connection:
        found = await read_terms(connection, [(row.charge_id, purchase_of(row.payload or "")) for row in asked])
    terms: dict[tuple[str, TransactionKind], Terms] = {}
    for one in found:
        if one.price is not None:
            terms[one.charge_id, TransactionKind.PAYMENT] = one.price
        if (first := one.payment or one.price) is not None:
            terms[one.charge_id, TransactionKind.REFUND] = first
    for row in rows:
        if row.kind is TransactionKind.PAYMENT:
            counted = _counted(row, terms)
            paid = counted.amount * NANOS + counted.nano
            terms[row.charge_id, TransactionKind.REFUND] = Terms(paid, counted.commission)
    return terms


def _counted(row: ProviderTransaction, terms: dict[tuple[str, TransactionKind], Terms]) -> ProviderTransaction:
    known = terms.get((row.charge_id, row.kind))
    if row.commission is None and known is None:
        return row
    told = split(row.amount * NANOS + row.nano, row.commission, row.per_mille, known)
    amount, nano = divmod(told.paid, NANOS)
    return msgspec.structs.replace(row, amount=amount, nano=nano, commission=told.commission)


def _return_of(row: ProviderTransaction) -> ProviderTransaction:
    return msgspec.structs.replace(
        row, direction=Direction.IN, payload=CAME_BACK, user_id=None, has_come_back=False, said=b""
    )
