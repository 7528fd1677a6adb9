-- name: load_slots
select player_id, number, state, qualified_at, changed_at, choice, claimed_at, claimed_on, grant_id
from slots where player_id = any($1::bigint[]) order by player_id, number for no key update

-- name: save_slots
insert into slots (player_id, number, state, qualified_at, changed_at, choice, claimed_at, claimed_on, grant_id)
select * from unnest($1::slot_row[])
on conflict (player_id, number) do update set
    state = excluded.state, qualified_at = excluded.qualified_at, changed_at = excluded.changed_at,
    choice = excluded.choice, claimed_at = excluded.claimed_at, claimed_on = excluded.claimed_on,
    grant_id = excluded.grant_id

-- name: earned
select referrer_id, count(*), array_agg(qualified_at order by place) filter (where place % 3 = 0)
from (
    select referrer_id, qualified_at,
        row_number() over (partition by referrer_id order by qualified_at, player_id) as place
    from referrals where referrer_id = any($1::bigint[]) and state = 'QUALIFIED'
) as counted
group by referrer_id

-- name: figures
select referrer_id, count(*) filter (where state <> 'REJECTED_FRAUD'), count(*) filter (where state = 'QUALIFIED')
from referrals where referrer_id = any($1::bigint[]) and started_on is not null
group by referrer_id

-- name: slots_due
-- Players with a slot that was held since $1, or that was deferred before the month that began at $2, if that has room.
with waiting as (
    select player_id, bool_or(state = 'HELD') as is_held from slots
    where (state = 'HELD' and qualified_at <= $1 or state = 'DEFERRED_LIMIT' and changed_at < $2)
        and player_id > coalesce($3::bigint, 0)
    group by player_id
)
select player_id from waiting
where is_held or 2 > (
    select count(*) from slots where slots.player_id = waiting.player_id and (
        state = 'AVAILABLE' or state = 'CLAIMED' and claimed_on >= ($2 at time zone 'Europe/Berlin')::date))
order by player_id limit $4

-- name: standing_gifts
-- Gifts of rewards that were taken back before $1, and that nobody has taken back at payments.
select slots.grant_id from slots join gifts on gifts.id = slots.grant_id
where state = 'TAKEN_BACK' and slots.changed_at < $1 and gifts.taken_back_at is null
    and ($2::uuid is null or slots.grant_id > $2)
order by slots.grant_id limit $3

-- name: slots_deferred
select distinct player_id from slots
where state = 'DEFERRED_LIMIT' and player_id > coalesce($1::bigint, 0)
order by player_id limit $2
