-- name: load_customers
select player_id, premium_revision, premium_grants, premium_terms, savers, premium_changed_at
from customers where player_id = any($1::bigint[]) order by player_id for no key update

-- name: open_invoices
select player_id, state, product, id, redemption_id from purchases
where player_id = any($1::bigint[]) and state in ('CREATED', 'INVOICE_SENT', 'PRECHECKOUT_OK')
union all
select player_id, state, product, id, redemption_id from purchases
where player_id = any($1::bigint[]) and state in ('PAID_UNCREDITED', 'REVIEW')

-- name: save_customers
insert into customers (
    player_id, premium_revision, premium_grants, premium_terms, savers, premium_changed_at
)
select * from unnest($1::customer_row_2[])
on conflict (player_id) do update set
    premium_revision = excluded.premium_revision, premium_grants = excluded.premium_grants,
    premium_terms = excluded.premium_terms, savers = excluded.savers,
    premium_changed_at = excluded.premium_changed_at

-- name: history
select wanted.player_id, p.id, p.product, p.amount, p.currency, p.state, p.created_at, p.paid_at, p.refunded_at
from unnest($1::bigint[]) as wanted (player_id)
cross join lateral (
    select * from purchases
    where player_id = wanted.player_id and charge_id is not null order by created_at desc limit 10
) as p
order by wanted.player_id, p.created_at desc

-- name: reviews
select purchase_id, charge_id, player_id, what, reason, amount, currency, since from (
    (select id as purchase_id, charge_id, player_id, state as what, reason, amount, currency, changed_at as since
    from purchases where state = 'REVIEW' order by changed_at limit $1)
    union all
    (select id, charge_id, player_id, state, reason, amount, currency, changed_at
    from purchases where state = 'REFUND_PENDING' order by changed_at limit $1)
    union all
    (select null, id, player_id, state, problem, amount, currency, recorded_at
    from charges where state in ('ORPHAN', 'REFUND_PENDING') and refusal <> 'LEFT' order by recorded_at limit $1)
    union all
    (select purchase_id, id, player_id, 'REFUND_REFUSED', problem, amount, currency, recorded_at
    from charges where refusal = 'OPEN' and state = 'TAKEN' and exists (
        select from purchases where id = charges.purchase_id and state = 'CREDITED') order by recorded_at limit $1)
) as waiting
order by since limit $1
