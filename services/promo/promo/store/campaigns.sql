-- name: load_campaigns
select name, type, scope, premium_days, percent, valid_from, valid_until, uses_max, uses_per_code_max,
    new_players_only, first_purchase_only, is_public, budget, budget_unit, budget_period, budget_begins, budget_spent,
    status, used, reserved, overrun, created_at, resumed_at
from campaigns where name = any($1::text[]) order by name for no key update

-- name: save_campaigns
insert into campaigns (
    name, type, scope, premium_days, percent, valid_from, valid_until, uses_max, uses_per_code_max,
    new_players_only, first_purchase_only, is_public, budget, budget_unit, budget_period, budget_begins, budget_spent,
    status, used, reserved, overrun, created_at, resumed_at
)
select * from unnest($1::campaign_row_2[])
on conflict (name) do update set
    status = excluded.status, used = excluded.used, reserved = excluded.reserved, overrun = excluded.overrun,
    budget_begins = excluded.budget_begins, budget_spent = excluded.budget_spent, resumed_at = excluded.resumed_at

-- name: list_campaigns
select name, type, scope, premium_days, percent, valid_from, valid_until, uses_max, uses_per_code_max,
    new_players_only, first_purchase_only, is_public, budget, budget_unit, budget_period, budget_begins, budget_spent,
    status, used, reserved, overrun, created_at, resumed_at, count(*) over ()
from campaigns
where ($1::text is null or status = $1) and ($2::text is null or strpos(lower(name), lower($2)) > 0)
    and ($3::text is null or type = $3) and ($4::text is null or scope = $4)
    and ($5::timestamptz is null or created_at >= $5) and ($6::timestamptz is null or created_at < $6)
order by created_at desc, name limit $7 offset $8

-- name: count_campaigns
select count(*) from campaigns
where ($1::text is null or status = $1) and ($2::text is null or strpos(lower(name), lower($2)) > 0)
    and ($3::text is null or type = $3) and ($4::text is null or scope = $4)
    and ($5::timestamptz is null or created_at >= $5) and ($6::timestamptz is null or created_at < $6)

-- name: load_batches
select id, campaign, codes, made_at, revoked_at from batches where id = any($1::uuid[]) order by id for no key update

-- name: save_batches
insert into batches (id, campaign, codes, made_at, revoked_at)
select * from unnest($1::batch_row[])
on conflict (id) do update set revoked_at = excluded.revoked_at
