-- name: find_codes
select fingerprint, id, campaign, batch_id from codes where fingerprint = any($1::bytea[])

-- name: load_codes
select id, campaign, batch_id, player_id, used, reserved
from codes where id = any($1::uuid[]) order by id for no key update

-- name: save_codes
update codes set used = saved.used, reserved = saved.reserved
from unnest($1::code_row[]) as saved where codes.id = saved.id

-- name: load_redeemers
select player_id, joined_at, has_bought, failures, blocked_until
from redeemers where player_id = any($1::bigint[]) order by player_id for no key update

-- name: standing_uses
select r.player_id, r.id, r.code_id, r.batch_id, r.reserved_until, r.state = 'RESERVED',
    coalesce(c.first_purchase_only, false)
from redemptions as r left join campaigns as c on c.name = r.campaign
where r.player_id = any($1::bigint[]) and r.state <> 'EXPIRED'

-- name: save_redeemers
insert into redeemers (player_id, joined_at, has_bought, failures, blocked_until)
select * from unnest($1::redeemer_row[])
on conflict (player_id) do update set
    joined_at = excluded.joined_at, has_bought = excluded.has_bought, failures = excluded.failures,
    blocked_until = excluded.blocked_until

-- name: reservations_to_expire
-- Also those that are being paid for so long that word of their purchase's end was lost or overtaken.
select id, player_id from redemptions
where state = 'RESERVED' and (reserved_until <= $1 or (reserved_until is null and coalesce(heard_at, made_at) <= $2))
    and ($3::uuid is null or id > $3)
order by id limit $4

-- name: young_promises
select id, player_id from redemptions
where percent > 0 and promised_until is not null and state = 'RESERVED' and made_at between $1 and $2
    and ($3::uuid is null or id > $3)
order by id limit $4

-- name: append_attempts
insert into attempts (at, player_id, result, is_failure, code_id, campaign)
select * from unnest($1::attempt_row[])
