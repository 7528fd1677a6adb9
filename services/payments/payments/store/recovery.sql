-- name: uncredited
select changed_at, id, player_id from purchases
where state = 'PAID_UNCREDITED' and changed_at < $1 and (changed_at, id) > ($2::timestamptz, $3::uuid)
order by changed_at, id limit $4

-- name: refunds_pending
-- One that waits for its provider is an effect still: whose lane has none, nobody works on.
select changed_at, id, player_id, reason, charge_id from purchases
where state = 'REFUND_PENDING' and changed_at < $1 and (changed_at, id) > ($2::timestamptz, $3::uuid)
order by changed_at, id limit $4

-- name: orphans
-- What its provider refused to give back is for a person. So is what may be a sale: it lacks of the price of its
-- purchase, and its row has a part of a Star or an affiliate in it that nothing explains.
select recorded_at, id, player_id from charges
where state = 'ORPHAN' and refusal = '' and recorded_at < $1 and (recorded_at, id) > ($2::timestamptz, $3::text)
    and not (problem = 'other_amount' and exists (
        select from provider_transactions as p
        where p.provider = charges.provider and p.id = charges.id and p.direction = 'IN'
            and (p.commission is not null or p.nano <> 0)))
order by recorded_at, id limit $4

-- name: orphans_pending
select coalesce(asked_at, recorded_at), id, player_id, id from charges
where state = 'REFUND_PENDING' and purchase_id is null and coalesce(asked_at, recorded_at) < $1
    and (coalesce(asked_at, recorded_at), id) > ($2::timestamptz, $3::text)
order by coalesce(asked_at, recorded_at), id limit $4

-- name: stale_invoices
select expires_at, id, player_id from purchases
where state in ('CREATED', 'INVOICE_SENT') and expires_at <= $1 and (expires_at, id) > ($2::timestamptz, $3::uuid)
order by expires_at, id limit $4

-- name: stale_checkouts
-- An invoice that passed its checkout is past its own end long before its hour is over.
select expires_at, id, player_id, provider from purchases
where state = 'PRECHECKOUT_OK' and expires_at <= $1 and prechecked_at <= $2
    and (expires_at, id) > ($3::timestamptz, $4::uuid)
order by expires_at, id limit $5

-- name: payments_found
-- What the provider has for these purchases and we have not.
select p.provider, p.charge_id, coalesce(nullif(p.player_id, 0), named.player_id), p.payload, p.amount, p.currency, p.at,
    p.commission
from provider_transactions as p
join purchases as named on named.id = p.purchase_id
where p.purchase_id = any($1::uuid[]) and p.kind = 'PAYMENT'
    and not exists (select from charges as c where c.id = p.charge_id and c.paid_at is not null)
order by p.at, p.charge_id
