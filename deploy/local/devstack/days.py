"""`python -m devstack days 31`: days pass for what referrals have stored in the run on this machine.

Nobody who tries something out waits 48 hours for a reward, or for the next month. The clocks stay as they are: what is
stored is made older, and what follows goes the way it always goes. It is for a run of one's own alone: it writes to its
database as the owner of that, whose password is in the run's own directory; there is no way to it over the network.
"""

import asyncio
from datetime import timedelta
from pathlib import Path

import asyncpg

from devstack.console import Console
from devstack.postgres import Postgres
from devstack.roles import DATABASE
from devstack.vault import Vault

_PASSED = (
    """update referrals.referrals set touched_at = touched_at - $1::interval,
        started_on = (started_on - $1::interval)::date, changed_at = changed_at - $1::interval,
        progress_twentieth_at = progress_twentieth_at - $1::interval, qualified_at = qualified_at - $1::interval,
        bonus_at = bonus_at - $1::interval, left_at = left_at - $1::interval, lapsed_at = lapsed_at - $1::interval,
        progress_days = coalesce((
            select json_agg(json_build_object('on', ((day ->> 'on')::date - $1::interval)::date,
                'at', (day ->> 'at')::timestamptz - $1::interval) order by place)::text
            from json_array_elements(progress_days::json) with ordinality as days (day, place)), '[]')
    where $2::bigint[] is null or player_id = any($2) or referrer_id = any($2)""",
    """update referrals.members set joined_at = joined_at - $1::interval
    where $2::bigint[] is null or player_id = any($2) or invited_by = any($2)""",
    """update referrals.slots set qualified_at = qualified_at - $1::interval, changed_at = changed_at - $1::interval,
        claimed_at = claimed_at - $1::interval, claimed_on = (claimed_on - $1::interval)::date
    where $2::bigint[] is null or player_id = any($2)""",
    """update referrals.sales set credited_at = credited_at - $1::interval, refunded_at = refunded_at - $1::interval
    where $2::bigint[] is null or partner_id = any($2)""",
    # The next answer of whoever came by a link is the first one of a day again.
    """update gameplay.players set right_today_day = (right_today_day - least($1::interval, '1 day'))::date
    where id in (select player_id from referrals.referrals
        where $2::bigint[] is null or player_id = any($2) or referrer_id = any($2))""",
)


async def let_pass(connection: "asyncpg.Connection[asyncpg.Record]", days: int, *players: int) -> None:
    """Make referrals that much older, with what they earned: all, or those of these players and whom they brought."""
    async with connection.transaction():
        for statement in _PASSED:
            await connection.execute(statement, timedelta(days=days), players or None)


async def pass_days(days: int, data_dir: Path, console: Console) -> int:
    """Let days pass in the run of a directory; returns 0, or 1 where nothing runs there."""
    dsn = await asyncio.to_thread(_dsn, data_dir)
    try:
        connection = await asyncpg.connect(dsn, timeout=5) if dsn else None
    except (OSError, asyncpg.PostgresError):
        connection = None
    if connection is None:
        console.trouble(f"nothing runs in {data_dir}: `make run` first, or name its --data-dir")
        return 1
    try:
        await let_pass(connection, days)
    finally:
        await connection.close()
    console.line(f"{days} days have passed for referrals; what is due follows within 15 minutes")
    return 0


def _dsn(data_dir: Path) -> str:
    """Return the address of the database of a run; empty where nothing has run."""
    folder = data_dir.absolute()
    if not (folder / "postgres").exists():
        return ""
    password = Vault(folder / "secrets").password("postgres")
    return Postgres(folder / "postgres", folder / "logs/postgres.log", password).dsn(DATABASE)
