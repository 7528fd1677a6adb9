"""Referrals in chaos: most players come by another's link; days pass for what they did, and rewards are claimed."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from contracts.referrals import RewardChoice
from gateway.buttons import RewardButton
from referrals.domain.link import ALPHABET

INVITERS = 20
"""The first players, partners all; each brings nine of the others, which is no burst."""


def code_of(place: int) -> str:
    """Return the code of the inviter of that place."""
    return "CHA" + ALPHABET[place // len(ALPHABET)] + ALPHABET[place % len(ALPHABET)] + "S"


def start_of(place: int) -> str:
    """Return what the player of a place says first."""
    return "/start" if place < INVITERS else f"/start ref_{code_of(place % INVITERS)}"


def claim_of(place: int) -> str:
    """Return the button that an inviter taps for their first reward; half of them want the one, half the other."""
    return RewardButton(number=1, choice=list(RewardChoice)[place % 2]).pack()


async def give_codes(connection: "asyncpg.Connection[Any]", players: Sequence[int]) -> None:
    """Give the inviters their links, as `/invite` would have."""
    inviters = list(players[:INVITERS])
    await connection.execute(
        "insert into referrals.members (player_id, code, starts) select *, '[]' from unnest($1::bigint[], $2::text[])",
        inviters,
        [code_of(place) for place in range(len(inviters))],
    )


async def let_days_pass(connection: "asyncpg.Connection[Any]") -> None:
    """Make the first day of whoever answered five times an earlier one, and what is held free of its hold.

    Two statements under the rows' own locks; everything else follows from the next word that comes. Five answers count
    for twenty.
    """
    await connection.execute(_STAYED)
    async with connection.transaction():
        await connection.execute(_LONG_AGO)
        await connection.execute(_HELD_NO_LONGER)


# Their next answer is the first of a day again, so gameplay tells of it.
_STAYED = """
with stayed as (
    update referrals.referrals set progress_answered = 20,
        progress_twentieth_at = coalesce(progress_twentieth_at, now()),
        progress_days = '[{"on":"' || (now() - interval '1 day')::date || '","at":"'
            || to_char(touched_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || '"}]'
    where state = 'STARTED' and progress_answered between 5 and 19
    returning player_id
)
update gameplay.players set right_today_day = right_today_day - 1 where id in (select player_id from stayed)
"""
_LONG_AGO = """
update referrals.referrals set touched_at = touched_at - interval '3 days',
    qualified_at = qualified_at - interval '3 days',
    progress_twentieth_at = progress_twentieth_at - interval '3 days',
    progress_days = '[{"on":"' || (now() - interval '4 days')::date || '","at":"'
        || to_char((touched_at - interval '3 days') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        || '"},{"on":"' || (now() - interval '3 days')::date || '","at":"'
        || to_char((qualified_at - interval '3 days') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"}]'
where state = 'QUALIFIED' and qualified_at > now() - interval '48 hours'
"""
_HELD_NO_LONGER = """
update referrals.slots set qualified_at = qualified_at - interval '3 days'
where state = 'HELD' and qualified_at > now() - interval '48 hours'
"""


async def referrals_wrong(connection: "asyncpg.Connection[Any]") -> list[str]:
    """Return what does not add up, a line each; see the queries."""
    return [f"{name}: {dict(row)}" for name, query in _QUERIES.items() for row in await connection.fetch(query)]


async def referrals_told(connection: "asyncpg.Connection[Any]") -> dict[str, int]:
    """Return how many referrals there are by state, and how many gifts."""
    rows = await connection.fetch(
        "select lower(state), count(*) from referrals.referrals group by state order by state"
    )
    gifts = await connection.fetchrow(
        "select count(*) filter (where number is null) as bonuses, count(number) as rewards from referrals.gifts"
    )
    return {row[0]: row[1] for row in rows} | dict(gifts or {})


_QUERIES = {
    "a link that nobody decided about": """
        select player_id, state from referrals.referrals where state = 'WAITING'
    """,
    "who is bound by another link than their row says": """
        select r.player_id, r.referrer_id, m.invited_by from referrals.referrals as r
        left join referrals.members as m on m.player_id = r.player_id
        where r.started_on is not null and r.referrer_id is distinct from m.invited_by
    """,
    "starts that were counted otherwise": """
        select m.player_id, counted.starts, r.starts as rows from referrals.members as m
        cross join lateral (
            select coalesce(sum((one ->> 'count')::int), 0) as starts from json_array_elements(m.starts::json) as one
        ) as counted
        left join (
            select referrer_id, count(*) as starts from referrals.referrals where started_on is not null group by 1
        ) as r on r.referrer_id = m.player_id
        where counted.starts <> coalesce(r.starts, 0)
    """,
    "slots that are not a third of who qualified": """
        select coalesce(q.player_id, s.player_id) as player_id, q.slots as earned, s.slots from (
            select referrer_id as player_id, count(*) / 3 as slots from referrals.referrals
            where state = 'QUALIFIED' group by referrer_id
        ) as q full join (
            select player_id, count(*) as slots from referrals.slots where state not in ('LOST', 'TAKEN_BACK')
            group by player_id
        ) as s using (player_id)
        where coalesce(q.slots, 0) <> coalesce(s.slots, 0)
    """,
    "rewards that are not slots claimed": """
        select coalesce(s.player_id, g.player_id) as player_id, s.number, g.id from (
            select * from referrals.slots where state = 'CLAIMED'
        ) as s full join (
            select * from referrals.gifts where number is not null and taken_back_at is null
        ) as g on g.id = s.grant_id and g.player_id = s.player_id and g.number = s.number
        where s.player_id is null or g.id is null
    """,
    "gifts that payments did not book once": """
        select g.id, t.booked from referrals.gifts as g
        left join (
            select idempotency_key, count(*) as booked from payments.ledger_transactions group by idempotency_key
        ) as t on t.idempotency_key = 'grant:' || g.id
        where t.booked is distinct from 1
    """,
    "goods that gameplay did not give": """
        select g.id, g.choice from referrals.gifts as g left join gameplay.grants as h on h.id = g.id
        where g.choice is distinct from 'PREMIUM_STARTER' and h.granted_at is null
    """,
    "a bonus that is not the fifth answer's": """
        select r.player_id, p.answered, g.id from referrals.referrals as r
        join gameplay.players as p on p.id = r.player_id
        left join referrals.gifts as g on g.player_id = r.player_id and g.number is null
        where r.state <> 'REJECTED_FRAUD' and r.started_on is not null and (p.answered >= 5) <> (g.id is not null)
    """,
}
