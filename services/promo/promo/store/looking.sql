-- name: codes_standing
select c.id, c.campaign, c.batch_id, c.player_id, c.used, c.reserved, b.revoked_at is not null as is_revoked
from codes as c join batches as b on b.id = c.batch_id
where c.fingerprint = any($1::bytea[])

-- name: campaigns_found
select name, type, status, used, reserved from campaigns where lower(name) = lower($1) order by name limit $2

-- name: things_found
select 'code' as kind, id, player_id, campaign, null as state from codes where id = $1
union all
select 'batch', id, null, campaign, case when revoked_at is null then 'in use' else 'revoked' end from batches where id = $1
union all
select 'redemption', id, player_id, campaign, state from redemptions where id = $1

-- name: story_of_redemptions
select id, campaign, state, made_at, changed_at, percent, purchase_id from redemptions
where player_id = $1 and ($2::uuid is null or purchase_id = $2)
order by made_at desc limit $3
