"""Payments' books of any size: purchases that were bought, paid and credited, in every book as one would find them.

The ledger is filled first, through its own checks; the other books tell of the same sales. The reconciliation that
read all of it was a quarter of an hour ago.
"""

from collections.abc import Callable

import asyncpg

from bench import ledger_fill

_SALE = """
with sale as (
    select *, case reason when 'ENERGY_10' then 10 else 15 end as amount,
        'sq1:' || replace(purchase_id::text, '-', '') as payload
    from ledger_transactions where kind = 'SALE'
)
"""
_BOOKS = {
    "customers": """
insert into customers
select player_id, 0, '[]', '[]', '[]' from (select distinct player_id from ledger_transactions) as buyer
""",
    "purchases": _SALE
    + """
insert into purchases (
    id, player_id, product, provider, currency, amount, base_amount, price_version, steps, surface, state, created_at,
    expires_at, changed_at, prechecked_at, paid_at, credited_at, charge_id, late, credit_attempts, reason
)
select purchase_id, player_id, reason, 'TELEGRAM', 'XTR', amount, amount, 1,
    json_build_array(json_build_object('name', 'base', 'detail', '', 'amount', amount)), 'shop', 'CREDITED', at,
    at + interval '30 minutes', at, at, at, at, charge_id, false, 0, ''
from sale
""",
    "charges": _SALE
    + """
insert into charges (
    id, provider, player_id, purchase_id, state, payload, amount, currency, paid_at, recorded_at, problem
)
select charge_id, 'TELEGRAM', player_id, purchase_id, 'TAKEN', payload, amount, 'XTR', at, at, '' from sale
""",
    "the provider's list": _SALE
    + """
insert into provider_transactions
select 'TELEGRAM', charge_id, 'IN', 'PAYMENT', charge_id, amount, 'XTR', player_id, purchase_id, payload, at, at
from sale
""",
    "how far it was read": """
insert into provider_cursors select provider, count(*), max(at), 1 from provider_transactions group by provider
""",
    "the last reconciliation": """
insert into reconciliation_runs (id, provider, is_full, started_at, finished_at)
values (gen_random_uuid(), 'TELEGRAM', false, now() - interval '15 minutes', now() - interval '15 minutes')
""",
    "statistics": """
vacuum (analyze) customers, purchases, charges, provider_transactions, ledger_transactions, ledger_entries,
    ledger_balances, reconciliation_runs
""",
}


async def fill(
    connection: "asyncpg.Connection[asyncpg.Record]",
    purchases: int,
    *,
    players: int,
    said: Callable[[str], None] = lambda _: None,
) -> None:
    """Store so many purchases of players 1 to `players` in turn, with 5 ledger entries each on average.

    `connection` is of the schema's owner or a superuser, has payments in its search path and is in no transaction;
    `said` is told what is being stored. The books must be empty.
    """
    said("ledger")
    await ledger_fill.fill(connection, purchases, players=players)
    for book, sql in _BOOKS.items():
        said(book)
        await connection.execute(sql)
