-- name: sold_page
-- Every purchase that was ever credited, and what was given without one, by the grant's id; those of premium are passed
-- over by `sold`.
select purchase_id from ledger_transactions
where kind in ('SALE', 'GRANT') and purchase_id is not null
    and purchase_id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000')
order by purchase_id limit $2

-- name: changed_sold_page
select id from (
    select id from purchases where charge_id is not null and changed_at >= $1 and credited_at is not null
    union
    select purchase_id from ledger_transactions
    where kind in ('GRANT', 'REVOCATION') and purchase_id is not null and at >= $1
) as changed
where id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')
order by id limit $3

-- name: sold
-- Goods for the game as the ledger has them: sold or given, taken back, and what of them had been spent by then.
select sale.purchase_id, sale.player_id, sale.reason, sale.at, refund.at,
    goods.paid_energy, goods.saver_tokens, goods.duel_tickets, goods.mode_hours,
    owed.paid_energy, owed.saver_tokens, owed.duel_tickets, owed.mode_hours
from ledger_transactions as sale
left join ledger_transactions as refund on refund.purchase_id = sale.purchase_id
    and refund.kind in ('REFUND', 'REVOCATION')
left join ledger_transactions as debt on debt.purchase_id = sale.purchase_id and debt.kind = 'DEBT'
cross join lateral (
    select coalesce(sum(amount) filter (where asset = 'PAID_ENERGY'), 0)::int as paid_energy,
        coalesce(sum(amount) filter (where asset = 'SAVER_TOKEN'), 0)::int as saver_tokens,
        coalesce(sum(amount) filter (where asset = 'DUEL_TICKET'), 0)::int as duel_tickets,
        coalesce(sum(amount) filter (where asset = 'MODE_HOURS'), 0)::int as mode_hours
    from ledger_entries where transaction_id = sale.id and account = 'player:' || sale.player_id
) as goods
cross join lateral (
    select coalesce(sum(amount) filter (where asset = 'PAID_ENERGY'), 0)::int as paid_energy,
        coalesce(sum(amount) filter (where asset = 'SAVER_TOKEN'), 0)::int as saver_tokens,
        coalesce(sum(amount) filter (where asset = 'DUEL_TICKET'), 0)::int as duel_tickets,
        coalesce(sum(amount) filter (where asset = 'MODE_HOURS'), 0)::int as mode_hours
    from ledger_entries where transaction_id = debt.id and account = 'debt:' || debt.player_id
) as owed
where sale.purchase_id = any($1::uuid[]) and sale.kind in ('SALE', 'GRANT')
    and (goods.paid_energy, goods.saver_tokens, goods.duel_tickets, goods.mode_hours) <> (0, 0, 0, 0)
order by sale.purchase_id

-- name: owed
select purchase_id from ledger_transactions where kind = 'DEBT' and purchase_id = any($1::uuid[])

-- name: ordered
select id, state from purchases where id = any($1::uuid[])

-- name: premium_page
select player_id from customers
where premium_revision > 0 and player_id > coalesce($1::bigint, 0) order by player_id limit $2

-- name: changed_premium_page
select player_id from customers
where premium_changed_at >= $1 and player_id > coalesce($2::bigint, 0) order by player_id limit $3

-- name: premium
select player_id, premium_revision, premium_terms, premium_changed_at from customers
where premium_revision > 0 and player_id = any($1::bigint[]) order by player_id

-- name: open_run
insert into goods_runs (id, is_full, started_at) values ($1, $2, $3)
on conflict (id) do update
    set started_at = case when goods_runs.finished_at is null then excluded.started_at else goods_runs.started_at end
returning finished_at is null

-- name: close_runs
update goods_runs as run set
    finished_at = t.finished_at, looked_at = t.looked_at, repairs = t.repairs::json, repaired = t.repaired,
    diffs = t.diffs::json, diff_count = t.diff_count, unanswered = t.unanswered
from unnest(
    $1::uuid[], $2::timestamptz[], $3::int[], $4::text[], $5::int[], $6::text[], $7::int[], $8::text[]
) as t (id, finished_at, looked_at, repairs, repaired, diffs, diff_count, unanswered)
where run.id = t.id

-- name: last_compared
-- When the last run began that compared all it was to; before the first one, when anybody first tried.
select coalesce(
    max(started_at) filter (where finished_at is not null and unanswered = ''), min(started_at)
), bool_or(finished_at is not null and unanswered = '')
from goods_runs

-- name: runs
select id, is_full, started_at, finished_at, looked_at, repaired, repairs, diff_count, diffs, unanswered
from goods_runs
where ($1::uuid is null or id = $1) and (not $2::bool or diff_count > 0)
order by started_at desc limit $3

-- name: delete_old_runs
delete from goods_runs where id in (
    select id from goods_runs where started_at < $1 and diff_count = 0 order by started_at limit $2
)

-- name: acknowledged
select grant_id from goods_acknowledged where grant_id = any($1::uuid[])

-- name: acknowledge
insert into goods_acknowledged (grant_id, note, at) select * from unnest($1::uuid[], $2::text[], $3::timestamptz[])
on conflict (grant_id) do nothing
