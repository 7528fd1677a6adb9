"""The ledger refuses sales for a while, so nothing can be credited; money that comes in must be written down."""

import asyncio

import asyncpg

from devstack.stack import Stack

_REFUSING_SECONDS = 8.0
"""Shorter than what a credit is tried for before it becomes a dead letter."""
_REFUSE = """
create function payments.chaos_refuses() returns trigger language plpgsql as
    $$ begin raise exception 'the ledger is refusing, for the sake of chaos'; end $$;
create trigger chaos_refuses before insert on payments.ledger_transactions
    for each row when (new.kind = 'SALE') execute function payments.chaos_refuses();
"""
_ACCEPT = "drop trigger chaos_refuses on payments.ledger_transactions; drop function payments.chaos_refuses();"


async def refuse_credits(stack: Stack) -> int:
    """Let the ledger refuse for some seconds; return how many charges were written down in that time.

    Must be called while all processes are up, and nobody may be killed meanwhile.
    """
    connection = await asyncpg.connect(stack.postgres.dsn("starquiz"))
    try:
        await connection.execute(_REFUSE)
        began = await connection.fetchval("select clock_timestamp()")
        await asyncio.sleep(_REFUSING_SECONDS)
        written = "select count(*) from payments.charges where recorded_at > $1"
        count: int = await connection.fetchval(written, began)
        await connection.execute(_ACCEPT)
    finally:
        await connection.close()
    return count
