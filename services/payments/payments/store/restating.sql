-- name: purchases_to_restate
select id, player_id, product, amount, currency, provider, charge_id, credited_at, refunded_at, late, redemption_id,
    surface, exists (
        select from charges where charges.id = purchases.charge_id and charges.commission is not null) as affiliate
from purchases
where credited_at is not null and id > coalesce($1::text::uuid, '00000000-0000-0000-0000-000000000000')
order by id limit $2

-- name: premium_to_restate
select player_id, premium_revision, premium_terms, premium_changed_at from customers
where premium_revision > 0 and player_id > coalesce($1::text::bigint, 0) order by player_id limit $2
