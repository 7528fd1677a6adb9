-- name: charge_found
select id, player_id, state, amount, currency, purchase_id, problem from charges where id = $1

-- name: purchases_found
select id, player_id, state, amount, currency, product, charge_id, reason from purchases
where id = $1 or charge_id = $2

-- name: listed_found
-- What a provider's list has under this id.
select id, direction, kind, player_id, amount, currency, at from provider_transactions
where provider = any('{TELEGRAM,STRIPE}'::text[]) and id = $1 order by at

-- name: customer_found
select player_id, premium_revision from customers where player_id = $1

-- name: story_of_purchases
select id, product, provider, amount, currency, state, reason, created_at, prechecked_at, paid_at, credited_at,
    refunded_at, changed_at, charge_id, late
from purchases where id = any($1::uuid[]) order by created_at

-- name: purchases_of_player
-- Those that came to something, the latest ones, and the invoices that are open.
(select id from purchases where player_id = $1 and charge_id is not null order by created_at desc limit $2)
union
select id from purchases
where player_id = $1 and state in ('CREATED', 'INVOICE_SENT', 'PRECHECKOUT_OK')

-- name: story_of_charges
-- Of purchases, of one that has none, and of a player those that wait or are on their way back.
select id, state, amount, currency, problem, paid_at, recorded_at, refunded_at from charges
where purchase_id = any($1::uuid[])
union
select id, state, amount, currency, problem, paid_at, recorded_at, refunded_at from charges where id = $2
union
select id, state, amount, currency, problem, paid_at, recorded_at, refunded_at from charges
where $4 and state in ('ORPHAN', 'REFUND_PENDING') and player_id = $3

-- name: ledger_of_purchases
select t.id, t.kind, t.reason, t.at, e.asset, e.amount, t.purchase_id
from ledger_transactions as t join ledger_entries as e on e.transaction_id = t.id
where t.purchase_id = any($1::uuid[]) and e.account = $2

-- name: ledger_of_player
-- Besides purchases: what was given, and what is owed.
select t.id, t.kind, t.reason, t.at, e.asset, e.amount, t.purchase_id
from ledger_entries as e join ledger_transactions as t on t.id = e.transaction_id
where e.account = $1 and t.purchase_id is null order by e.id desc limit $2
