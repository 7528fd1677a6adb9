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
