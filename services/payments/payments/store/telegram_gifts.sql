-- name: claim_call
insert into telegram_gift_calls (gift_id, called_at) values ($1, $2) on conflict do nothing returning gift_id

-- name: release_call
delete from telegram_gift_calls where gift_id = $1

-- name: gifts
select gift_id, player_id, months, stars, state, asked_at, settled_at, row_id, reason
from telegram_gifts where gift_id = any($1::uuid[]) order by gift_id

-- name: called_gifts
-- What was called for and is not certain, however old, by (asked, id) from ($4, $5) on; and what is settled and not in
-- Telegram's list yet, a failed one since $1, another one since $2. Each with the first row of the list that is such a
-- gift and nobody else's: from its call on, until that player's next.
with wanted as (
    select * from telegram_gifts where state in ('ASKED', 'UNSURE')
    union all
    select * from telegram_gifts where row_id is null and settled_at >= case state when 'FAILED' then $1::timestamptz else $2 end
        and settled_at >= least($1, $2::timestamptz)
)
select g.asked_at, g.gift_id, g.state, g.stars, c.called_at, (
    select p.id from provider_transactions as p
    where p.provider = 'TELEGRAM' and p.movement = 'PREMIUM_GIFT' and p.direction = 'OUT'
        and p.player_id = g.player_id and p.amount = g.stars and p.nano = 0 and p.at >= c.called_at - $3::interval
        and p.at < coalesce((
            select min(later.called_at) - $3::interval from telegram_gift_calls as later
            join telegram_gifts as next using (gift_id)
            where next.player_id = g.player_id and later.called_at > c.called_at), 'infinity')
        and not exists (select from telegram_gifts as other where other.row_id = p.id)
    order by p.at, p.id limit 1) as row_id
from wanted as g join telegram_gift_calls as c using (gift_id)
where (g.asked_at, g.gift_id) > ($4::timestamptz, $5::uuid)
order by g.asked_at, g.gift_id limit $6

-- name: rows_of_no_gift
-- Telegram Premium that was given before $1 and is no gift of ours; of before $2 only when it was read since $3. What a
-- person acknowledged is explained.
select p.id, p.player_id, p.amount, p.at from provider_transactions as p
where p.provider = 'TELEGRAM' and p.movement = 'PREMIUM_GIFT' and p.direction = 'OUT'
    and p.at < $1 and (p.at >= $2 or p.seen_at >= $3)
    and not exists (select from telegram_gifts as g where g.row_id = p.id)
    and not exists (
        select from provider_transactions as a
        where a.charge_id = p.charge_id and a.provider = 'TELEGRAM' and a.kind = 'ACKNOWLEDGED')
order by p.at, p.id limit $4

-- name: gifts_not_listed
-- Gifts that were given before $1 and that Telegram's list has not, unless a person said so.
select gift_id, player_id, stars, settled_at from telegram_gifts
where state = 'GIVEN' and row_id is null and reason = '' and settled_at < $1 order by settled_at limit $2
