-- name: compared_until
select until from comparisons where name = $1

-- name: known_redemptions
select id, state, purchase_id from redemptions where id = any($1::uuid[])
