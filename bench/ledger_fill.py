"""A ledger of any size: what so many purchases leave in it, half of them ENERGY_10, half MEGA_PACK_15.

That is 5 entries a purchase on average. Everything goes through the ledger's own checks, as from a turn.
"""

from collections.abc import Callable

import asyncpg

_CHUNK = 10_000
"""Purchases in one statement."""

_FIRST_MS = 1_735_689_600_000
"""When the first purchase is made, in Unix milliseconds; the next ones follow every 20 seconds."""

PURCHASE_ID = (
    f"(lpad(to_hex({_FIRST_MS} + n * 20000::bigint), 12, '0') || '7' || substr(md5('p' || n), 1, 3)"
    " || '8' || substr(md5('p' || n), 4, 15))::uuid"
)
"""SQL: the id of purchase `n` (bigint), laid out as `contracts.ids.new_entity_id` lays ids out."""

_FILL = f"""
with purchase as materialized (
    select n, {PURCHASE_ID} as purchase_id, md5('t' || n) as hash, 1 + n % $3::bigint as player_id,
        to_timestamp(({_FIRST_MS} + n * 20000::bigint) / 1000.0) as at,
        case when n % 2 = 0 then 'ENERGY_10' else 'MEGA_PACK_15' end as product,
        case when n % 2 = 0 then 10 else 15 end as amount
    from generate_series($1::bigint, $2::bigint) as n
), made as materialized (
    select *, overlay(purchase_id::text placing substr(hash, 1, 12) from 25)::uuid as id from purchase
), transactions as (
    insert into ledger_transactions (id, kind, idempotency_key, purchase_id, charge_id, player_id, reason, at)
    select id, 'SALE', 'sale:' || purchase_id, purchase_id, 'stxn' || md5('c' || n) || hash, player_id, product, at
    from made
)
insert into ledger_entries (transaction_id, leg, account, asset, amount)
select id, leg, account, asset, value from made, lateral (values
    (1, 'house:PROVIDER_CLEARING:TELEGRAM', 'XTR', amount),
    (2, 'house:SALES', 'XTR', -amount),
    (3, 'player:' || player_id, 'PAID_ENERGY', amount),
    (4, 'house:SALES', 'PAID_ENERGY', -amount),
    (5, 'player:' || player_id, 'MODE_HOURS', 24),
    (6, 'house:SALES', 'MODE_HOURS', -24)
) as entry (leg, account, asset, value)
where leg < 5 or product = 'MEGA_PACK_15'
"""


async def fill(
    connection: "asyncpg.Connection[asyncpg.Record]",
    purchases: int,
    *,
    players: int = 250_000,
    first: int = 1,
    said: Callable[[int], None] = lambda _: None,
) -> None:
    """Store the sales of purchases `first` to `first + purchases − 1`, of players 1 to `players` in turn.

    `connection` has the schema payments in its search path; `said` is told how many are stored. A purchase that is
    stored already is a UniqueViolationError.
    """
    end = first + purchases
    for begin in range(first, end, _CHUNK):
        last = min(begin + _CHUNK, end) - 1
        await connection.execute(_FILL, begin, last, players)
        said(last - first + 1)
    await connection.execute("analyze ledger_transactions, ledger_entries, ledger_balances")
