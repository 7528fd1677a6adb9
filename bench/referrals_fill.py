"""Fills referrals as its turns would have left them: who brought whom, in trees, with rings and what was found."""

from datetime import datetime

from actors.store import Connection

_INDEXES = (
    "members_by_inviter",
    "referrals_of_referrer",
    "referrals_of_link",
    "referrals_under_way",
    "referrals_qualified",
    "referrals_to_review",
    "referrals_started",
    "referrals_qualified_at",
)
_REFERRALS = """
insert into referrals
select player_id, 'ref', 'K7QXM2', referrer_id, true, at, state, null, (at at time zone 'Europe/Berlin')::date, at,
    case when is_found then 80 else 0 end, case when is_found then 'velocity' end, null, false, null,
    case when state = 'CANCELED' then at + interval '14 days' end, 21, at + interval '1 day', '[]',
    case when state = 'QUALIFIED' then at + interval '1 day' end, at, true, player_id % 3 = 0, player_id % 9 = 0
from (
    select number as player_id, greatest(1, number / 4) as referrer_id,
        $2::timestamptz - make_interval(secs => $3 * 86400.0 * (1 - number / $1::double precision)) as at,
        case when number % 25 = 0 then 'REJECTED_FRAUD' when number % 3 = 0 then 'QUALIFIED'
            when number % 7 = 0 then 'CANCELED' else 'STARTED' end as state,
        number % 25 = 0 as is_found
    from generate_series(2, $1::bigint + 1) as number
) as made
"""
_MEMBERS = """
insert into members
select number, $2::timestamptz, case when number > 1 then greatest(1, number / 4) end, null, '[]'
from generate_series(1, $1::bigint + 1) as number
"""
_GIFTS = """
insert into gifts
select gen_random_uuid(), player_id, null, null, touched_at, touched_at, null from referrals where player_id % 2 = 0
"""


async def fill(connection: Connection, referrals: int, *, until: datetime, days: float) -> None:
    """Write so many referrals, spread over the days before `until`: everybody brings four, in a tree."""
    kept = await connection.fetch("select indexname, indexdef from pg_indexes where schemaname = current_schema()")
    definitions = {row[0]: row[1] for row in kept}
    await connection.execute(f"drop index {', '.join(_INDEXES)}")
    await connection.execute(_REFERRALS, referrals, until, days)
    await connection.execute(_MEMBERS, referrals, until)
    await connection.execute(_GIFTS)
    for name in _INDEXES:
        await connection.execute(definitions[name])
    for table in ("referrals", "members", "gifts"):
        await connection.execute(f"vacuum (analyze) {table}")
