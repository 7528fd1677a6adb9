"""Fills promo's tables as a busy week would: attempts of every kind, discounts in every state, spread evenly."""

from datetime import datetime
from typing import Final

from actors.store import Connection

CODES: Final = 2_000
_CHUNK: Final = 250_000

_CAMPAIGNS: Final = """
insert into campaigns (
    name, type, scope, premium_days, percent, valid_from, uses_per_code_max, new_players_only, first_purchase_only,
    is_public, budget_spent, status, used, reserved, overrun, created_at
)
select 'filled-' || n, 'PERCENT_DISCOUNT', 'ANY', 0, 20, $1, null, false, false, false, 0,
    (array['ACTIVE', 'PAUSED', 'EXPIRED', 'DEPLETED'])[1 + n % 4], 0, 0, 0, $1
from generate_series(1, 40) as n
"""
_BATCHES: Final = """
insert into batches (id, campaign, codes, made_at)
select md5('batch' || n)::uuid, 'filled-' || n, $2, $1 from generate_series(1, 40) as n
"""
_CODES: Final = """
insert into codes (id, fingerprint, hint, campaign, batch_id)
select md5('code' || n)::uuid, sha256(('code' || n)::bytea), 'ABC', 'filled-' || 1 + n % 40,
    md5('batch' || 1 + n % 40)::uuid
from generate_series(1, $1::int) as n
"""
_ATTEMPTS: Final = """
insert into attempts (at, player_id, result, is_failure, code_id, campaign)
select $3::timestamptz - interval '168 hours' * n / $4::float8, n, kind[1], kind[1] in ('invalid', 'expired'),
    case when kind[2] = 'code' then md5('code' || 1 + n % $5::int)::uuid end,
    case when kind[2] = 'code' then 'filled-' || 1 + (1 + n % $5::int) % 40 end
from generate_series($1::int, $2::int) as n, lateral (select case
    when n % 20 < 10 then array['accepted', 'code'] when n % 20 < 14 then array['invalid', '']
    when n % 20 = 14 then array['expired', 'code'] when n % 20 = 15 then array['already_used', 'code']
    when n % 20 = 16 then array['depleted', 'code'] when n % 20 = 17 then array['budget_spent', 'code']
    else array['rate_limited', ''] end as kind) as kinds
"""
_DISCOUNTS: Final = """
insert into redemptions (id, player_id, code_id, batch_id, campaign, state, made_at, changed_at, percent)
select md5('redemption' || n)::uuid, n, md5('code' || 1 + n % $5::int)::uuid,
    md5('batch' || 1 + (1 + n % $5::int) % 40)::uuid,
    'filled-' || 1 + (1 + n % $5::int) % 40,
    (array['EXPIRED', 'APPLIED', 'APPLIED', 'REVOKED', 'APPLIED_LATE', 'EXPIRED'])[1 + n % 6],
    $3::timestamptz - interval '168 hours' * n / $4::float8, $3, 20
from generate_series($1::int, $2::int) as n where n % 4 = 0
"""


async def fill(connection: Connection, attempts: int, until: datetime) -> None:
    """Write so many attempts of the week before `until`, and a fourth of that in discounts."""
    await connection.execute(_CAMPAIGNS, until)
    await connection.execute(_BATCHES, until, CODES)
    await connection.execute(_CODES, CODES)
    for start in range(0, attempts, _CHUNK):
        share = (start, min(start + _CHUNK, attempts) - 1, until, attempts, CODES)
        await connection.execute(_ATTEMPTS, *share)
        await connection.execute(_DISCOUNTS, *share)
