-- name: discounted_purchases
select id, player_id, redemption_id, product, state, changed_at, credited_at, refunded_at
from purchases
where redemption_id is not null
    and (changed_at, id) > ($1, coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid))
order by changed_at, id limit $3
