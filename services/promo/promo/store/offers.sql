-- name: add_tallies
insert into offer_hours (hour, trigger, is_withheld, impressions, clicks, dismissals, conversions)
select hour, trigger, is_withheld, sum(impressions), sum(clicks), sum(dismissals), sum(conversions)
from unnest($1::offer_hour_row[]) group by 1, 2, 3 order by 1, 2, 3
on conflict (hour, trigger, is_withheld) do update set
    impressions = offer_hours.impressions + excluded.impressions, clicks = offer_hours.clicks + excluded.clicks,
    dismissals = offer_hours.dismissals + excluded.dismissals,
    conversions = offer_hours.conversions + excluded.conversions

-- name: add_reaches
insert into offer_reach (hour, previous_hour, is_withheld, impressions)
select hour, previous_hour, is_withheld, count(*) from unnest($1::offer_reach_row[]) group by 1, 2, 3 order by 1, 2, 3
on conflict (hour, previous_hour, is_withheld) do update set
    impressions = offer_reach.impressions + excluded.impressions

-- name: delete_old_impressions
delete from impressions where id in (select id from impressions where at < $1 limit $2)

-- name: delete_old_purchases
-- One of which the refund alone was heard is as old as that.
delete from purchases where id in (
    select id from purchases where coalesce(credited_at, refunded_at) < $1 limit $2
)

-- name: delete_old_hours
delete from offer_hours where (hour, trigger, is_withheld) in (
    select hour, trigger, is_withheld from offer_hours where hour < $1 limit $2
)

-- name: delete_old_reach
delete from offer_reach where (hour, previous_hour, is_withheld) in (
    select hour, previous_hour, is_withheld from offer_reach where hour < $1 limit $2
)
