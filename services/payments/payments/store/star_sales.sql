-- name: star_sales
select p.id, p.player_id, p.amount, p.credited_at, p.refunded_at, c.commission is not null, p.changed_at
from purchases as p left join charges as c on c.id = p.charge_id
where p.currency = 'XTR' and p.credited_at is not null
    and (p.changed_at, p.id) > ($1, coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid))
order by p.changed_at, p.id limit $3

-- name: named_star_sales
select p.id, p.player_id, p.amount, p.credited_at, p.refunded_at, c.commission is not null, p.changed_at
from purchases as p left join charges as c on c.id = p.charge_id
where p.id = any($1::uuid[]) and p.currency = 'XTR' and p.credited_at is not null
order by p.id
