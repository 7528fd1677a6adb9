-- name: compared_until
select until from comparisons where name = $1

-- name: known_redemptions
select id, state, purchase_id from redemptions where id = any($1::uuid[])

-- name: granted
-- Premium that codes gave from $1 on and before $2.
select made_at, id, player_id from redemptions
where percent = 0 and state = 'APPLIED' and made_at >= $1 and made_at < $2 and (made_at, id) > ($3::timestamptz, $4::uuid)
order by made_at, id limit $5
