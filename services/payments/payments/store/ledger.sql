-- name: append_transactions
insert into ledger_transactions (id, kind, idempotency_key, purchase_id, charge_id, player_id, reason, at)
select * from unnest($1::ledger_transaction_row[])

-- name: append_entries
insert into ledger_entries (transaction_id, leg, account, asset, amount)
select * from unnest($1::ledger_entry_row[])

-- name: booked_grants
select id from ledger_transactions where id = any($1::uuid[])

-- name: revoked_grants
select purchase_id from ledger_transactions where kind = 'REVOCATION' and purchase_id = any($1::uuid[])

-- name: given
-- Grants with what they gave, and whether they were taken back.
select t.id, t.player_id, min(house.account), array_agg(e.asset order by e.leg), array_agg(e.amount order by e.leg),
    exists (select from ledger_transactions as r where r.purchase_id = t.id and r.kind = 'REVOCATION')
from ledger_transactions as t
join ledger_entries as e on e.transaction_id = t.id and e.amount > 0
join ledger_entries as house on house.transaction_id = t.id and house.leg = e.leg + 1
where t.id = any($1::uuid[]) and t.kind = 'GRANT'
group by t.id, t.player_id

-- name: balances_of
select account, asset, balance from ledger_balances where account = any($1::text[]) order by account, asset

-- name: last_entries_of
select asked.account, asked.entries, last.id, last.transaction_id, t.kind, t.purchase_id, t.charge_id, t.player_id,
    last.asset, last.amount, t.reason, t.at
from unnest($1::text[], $2::int[]) as asked (account, entries)
cross join lateral (
    select id, transaction_id, asset, amount from ledger_entries
    where account = asked.account order by id desc limit asked.entries
) as last
join ledger_transactions as t on t.id = last.transaction_id
order by asked.account, asked.entries, last.id desc

-- name: house_balances
-- The bounds are those of the prefix `house:`.
select account, asset, balance from ledger_balances
where account >= 'house:' and account < 'house;' order by account, asset

-- name: unbalanced_transactions
-- Also those without entries, with an asset of null: as if nothing kept them out.
select e.transaction_id, e.asset, sum(e.amount)::bigint as rest from ledger_entries as e
group by e.transaction_id, e.asset having sum(e.amount) <> 0
union all
select t.id, null, 0 from ledger_transactions as t
where not exists (select from ledger_entries as e where e.transaction_id = t.id)
limit $1

-- name: differing_balances
select account, asset, coalesce(b.balance, 0) as balance, coalesce(e.total, 0) as total
from ledger_balances as b
full join (
    select account, asset, sum(amount)::bigint as total from ledger_entries group by account, asset
) as e using (account, asset)
where b.balance is distinct from e.total
order by account, asset limit $1
