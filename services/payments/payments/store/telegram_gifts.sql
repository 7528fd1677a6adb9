-- name: claim_call
insert into telegram_gift_calls (gift_id, called_at) values ($1, $2) on conflict do nothing returning gift_id

-- name: release_call
delete from telegram_gift_calls where gift_id = $1

-- name: gifts
select gift_id, player_id, months, stars, state, asked_at, settled_at, row_id, reason
from telegram_gifts where gift_id = any($1::uuid[]) order by gift_id

-- name: called_gifts
-- What was called for and is not certain, or is not in Telegram's list yet, the oldest first; with the first row of the
-- list that is such a gift and nobody else's: from its call on, until that player's next. A failed one is looked for
-- until so long after its call ($1), in case it is there after all.
select g.gift_id, g.state, c.called_at, (
    select p.id from provider_transactions as p
    where p.provider = 'TELEGRAM' and p.movement = 'PREMIUM_GIFT' and p.direction = 'OUT'
        and p.player_id = g.player_id and p.amount = g.stars and p.nano = 0 and p.at >= c.called_at - $2::interval
        and p.at < coalesce((
            select min(later.called_at) - $2::interval from telegram_gift_calls as later
            join telegram_gifts as next using (gift_id)
            where next.player_id = g.player_id and later.called_at > c.called_at), 'infinity')
        and not exists (select from telegram_gifts as other where other.row_id = p.id)
    order by p.at, p.id limit 1) as row_id
from telegram_gifts as g join telegram_gift_calls as c using (gift_id)
where (g.state in ('ASKED', 'UNSURE') or g.row_id is null) and (g.state <> 'FAILED' or c.called_at >= $1)
order by g.asked_at, g.gift_id limit $3

-- name: gifts_not_listed
-- Gifts that were given before $1 and that Telegram's list has not, unless a person said so.
select gift_id, player_id, stars, settled_at from telegram_gifts
where state = 'GIVEN' and row_id is null and reason = '' and settled_at < $1 order by settled_at limit $2
