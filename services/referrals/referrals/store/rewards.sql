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
select distinct player_id from slots
where (state = 'HELD' and qualified_at <= $1 or state = 'DEFERRED_LIMIT' and changed_at < $2)
    and player_id > coalesce($3::bigint, 0)
order by player_id limit $4

-- name: slots_deferred
select distinct player_id from slots
where state = 'DEFERRED_LIMIT' and player_id > coalesce($1::bigint, 0)
order by player_id limit $2
