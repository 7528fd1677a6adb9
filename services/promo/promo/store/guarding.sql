-- name: load_alarms
select name, since from alarms where name = any($1::text[]) order by name for no key update

-- name: look_at_alarms
select name, since from alarms where name = any($1::text[])

-- name: save_alarms
insert into alarms (name, since) select * from unnest($1::alarm_row[])
on conflict (name) do update set since = excluded.since

-- name: guessed_campaigns
-- Active campaigns with a code on which more than $2 failures since $1 came from at least $3 players: the worst code of
-- each. What was before an operator let the campaign go on is looked at and done with.
select distinct on (c.name) c.name, count(*)::int as failures, count(distinct a.player_id)::int as players, c.is_public
from attempts as a join campaigns as c on c.name = a.campaign
where a.is_failure and a.at > $1 and a.at > coalesce(c.resumed_at, $1) and a.code_id is not null
    and c.status = 'ACTIVE'
group by c.name, a.code_id having count(*) > $2 and count(distinct a.player_id) >= $3
order by c.name, count(*) desc

-- name: failures_overall
select coalesce(sum(least(tries, $2)), 0)::int as failures, count(*)::int as players
from (
    select player_id, count(*) as tries from attempts
    where at > $1 and (is_failure or result = 'rate_limited') group by player_id
) as guessers

-- name: campaigns_to_roll
select name from campaigns
where status in ('ACTIVE', 'PAUSED')
    and (valid_until <= $1 or (used >= uses_max and reserved = 0))
    and ($2::text is null or name > $2)
order by name limit $3
