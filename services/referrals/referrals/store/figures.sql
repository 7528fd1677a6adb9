-- name: judged
-- Starts from $1 on, how many of them were rejected, and the most of one referrer's.
with started as (
    select referrer_id, state from referrals where touched_at >= $1 and started_on is not null
), worst as (
    select referrer_id, count(*) as rejected from started
    where state = 'REJECTED_FRAUD' and referrer_id is not null
    group by referrer_id order by rejected desc, referrer_id limit 1
)
select count(*), count(*) filter (where state = 'REJECTED_FRAUD'),
    coalesce((select rejected from worst), 0), (select referrer_id from worst)
from started

-- name: started
-- Of each kind, state and rule: how many were bound from $1 on and before $2.
select kind, state, rule, count(*) from referrals
where touched_at >= $1 and touched_at < $2 and started_on is not null
group by kind, state, rule

-- name: top_referrers
select referrer_id, count(*) as starts, count(*) filter (where state = 'REJECTED_FRAUD') as rejected
from referrals
where touched_at >= $1 and touched_at < $2 and started_on is not null and referrer_id is not null
group by referrer_id order by starts desc, referrer_id limit 10

-- name: happened
select
    (select count(*) from referrals where state = 'QUALIFIED' and qualified_at >= $1 and qualified_at < $2),
    (select count(*) from gifts where number is not null and given_at >= $1 and given_at < $2),
    (select count(*) from gifts where taken_back_at >= $1 and taken_back_at < $2),
    (select count(*) from gifts where number is null and given_at >= $1 and given_at < $2),
    (select count(*) from referrals where rule is not null and verdict is null and not is_cleared)

-- name: count_reviews
select count(*) from referrals
where rule is not null and verdict is null and not is_cleared
    and ($1::text is null or state = $1) and ($2::text is null or rule = $2)
    and ($3::bigint is null or referrer_id = $3)

-- name: campaign_counts
with bound as (
    select * from referrals where kind = 'c' and value = any($1::text[]) and started_on is not null
), bought as (
    select player_id, sum(amount) filter (where currency = 'XTR') as stars from purchases join bound using (player_id)
    where credited_at is not null and refunded_at is null
    group by player_id
)
select bound.value, count(*), count(*) filter (where progress_answered >= 20), count(*) filter (where returned_day_1),
    count(*) filter (where returned_day_7), count(*) filter (where returned_day_30), count(bought.player_id),
    coalesce(sum(bought.stars), 0)::bigint
from bound left join bought using (player_id)
group by bound.value
