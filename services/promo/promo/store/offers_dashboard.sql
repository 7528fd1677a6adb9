-- A window is its full hours, which are added up already, and its two borders, whose rows are looked at. $1 and $2 are
-- its begin and end, $3 and $4 the begin of its first full hour and the end of its last one.

-- name: counts_in_window
select trigger, sum(impressions)::int, sum(clicks)::int, sum(dismissals)::int, sum(conversions)::int
from (
    select trigger, impressions, clicks, dismissals, conversions
    from offer_hours where hour >= $3 and hour < $4 and not is_withheld
    union all
    select trigger, 1, (clicked_at is not null)::int, (dismissed_at is not null)::int, (purchases > 0)::int
    from impressions where at >= $1 and at < $3 and not is_withheld
    union all
    select trigger, 1, (clicked_at is not null)::int, (dismissed_at is not null)::int, (purchases > 0)::int
    from impressions where at >= $4 and at < $2 and not is_withheld
) as pieces
group by trigger having sum(impressions) > 0 order by trigger

-- name: players_in_window
-- Each player once: by the impression that had none before it in the window. $5 is the full hour in which it begins.
select is_withheld, sum(players)::int
from (
    select is_withheld, impressions as players
    from offer_reach where hour >= $3 and hour < $4 and previous_hour < $5
    union all
    select is_withheld, 1 from impressions where previous_at >= $5 and previous_at < $1 and at >= $3 and at < $4
    union all
    select is_withheld, 1 from impressions
    where at >= $1 and at < $3 and (previous_at is null or previous_at < $1)
    union all
    select is_withheld, 1 from impressions
    where at >= $4 and at < $2 and (previous_at is null or previous_at < $1)
) as pieces
group by is_withheld

-- name: buyers_in_window
-- Whoever bought after an impression of the window: players, their Stars, and the sum of the squares.
select is_withheld, count(*)::int, sum(stars)::bigint, sum(stars * stars)::bigint
from (
    select player_id, is_withheld, coalesce(sum(amount) filter (where currency = 'XTR'), 0)::bigint as stars
    from purchases
    where credited_at >= $1 and credited_at < $2 and refunded_at is null and offered_at is not null
        and offered_at >= $1
    group by player_id, is_withheld
) as players
group by is_withheld
