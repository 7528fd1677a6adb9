"""Fills promo with offers as its turns would have left them: impressions, what came of them, and the hours' figures."""

from datetime import datetime

from actors.store import Connection
from bench.filling import unhindered

_IMPRESSIONS = """
insert into impressions
select gen_random_uuid(), player_id, trigger, 'start', number::text, at,
    lag(at) over (partition by player_id order by at, number), true, is_withheld, 0,
    case when not is_withheld and number % 9 = 0 then at end,
    case when not is_withheld and number % 5 = 0 then at end, null,
    case when not is_withheld and number % 31 = 0 then 1 else 0 end
from (
    select number, 1 + number * 7919 % $2::bigint as player_id,
        1 + number * 7919 % $2::bigint <= $2::bigint / 20 as is_withheld,
        (array['ENERGY_ZERO', 'WEEKEND_FLASH', 'STREAK_GT7'])[1 + number % 3] as trigger,
        $3::timestamptz - make_interval(secs => ($4 * 86400.0 * random())) as at
    from generate_series(1, $1::bigint) as number
) as made order by at
"""
_PURCHASES = """
insert into purchases
select gen_random_uuid(), player_id, 'MEGA_PACK_15', 15, 'XTR', at + interval '10 minutes',
    case when tap::int % 62 = 0 then at + interval '1 day' end, id, last_at, is_withheld
from (
    select i.*, (select max(o.at) from impressions as o
        where o.player_id = i.player_id and o.at <= i.at + interval '10 minutes') as last_at
    from impressions as i where tap::int % 31 = 0
) as bought
"""
_HOURS = """
insert into offer_hours
select date_bin('1 hour', at, '2000-01-01Z'), trigger, is_withheld, count(*), count(clicked_at), count(dismissed_at),
    count(*) filter (where purchases > 0)
from impressions group by 1, 2, 3
"""
_REACH = """
insert into offer_reach
select date_bin('1 hour', at, '2000-01-01Z'),
    coalesce(date_bin('1 hour', previous_at, '2000-01-01Z'), '1970-01-01Z'), is_withheld, count(*)
from impressions group by 1, 2, 3
"""


async def fill(connection: Connection, impressions: int, *, players: int, until: datetime, days: float) -> None:
    """Write so many impressions of so many players, spread over the days before `until`."""
    async with unhindered(connection, "impressions", "purchases"):
        await connection.execute(_IMPRESSIONS, impressions, players, until, days)
        await connection.execute("create index filling on impressions (player_id, at); analyze impressions")
        for statement in (_PURCHASES, _HOURS, _REACH):
            await connection.execute(statement)
        await connection.execute("drop index filling")
    await connection.execute("analyze impressions, purchases, offer_hours, offer_reach")
