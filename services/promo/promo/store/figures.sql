-- name: attempts_by_result
-- From $1 on and before $4: whole buckets between $2 and $3, and what is before and after them row by row.
select result, sum(attempts)::bigint as attempts
from (
    select result, attempts from attempt_counts where bucket >= $2 and bucket < $3
    union all
    select result, count(*) from attempts where at >= $1 and at < $2 group by result
    union all
    select result, count(*) from attempts where at >= $3 and at < $4 group by result
) as parts
group by result order by result

-- name: discounts_by_state
-- Likewise, by when they were reserved.
select state, sum(discounts)::bigint as discounts
from (
    select state, discounts from discount_counts where bucket >= $2 and bucket < $3
    union all
    select state, count(*) from redemptions where percent > 0 and made_at >= $1 and made_at < $2 group by state
    union all
    select state, count(*) from redemptions where percent > 0 and made_at >= $3 and made_at < $4 group by state
) as parts
group by state order by state

-- name: campaigns_by_status
select status, count(*) from campaigns group by status order by status

-- name: guard_candidates
-- The $3 stored codes with most failures after $1 and until $2.
select campaigns.name as campaign, code_id, failures, players, is_public, status
from (
    select code_id, min(campaign) as campaign, count(*)::int as failures, count(distinct player_id)::int as players
    from attempts where is_failure and at > $1 and at <= $2 and code_id is not null
    group by code_id order by count(*) desc, code_id limit $3
) as worst
join campaigns on campaigns.name = worst.campaign
order by failures desc, code_id
