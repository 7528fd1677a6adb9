-- name: terms
-- What is known of charges besides their rows, by the payload's purchase ($2), by the charge, or by its payment's row:
-- nanostars paid, and what of them was an affiliate's.
select wanted.id, coalesce(pu.amount, c.amount) as amount, p.amount, p.nano, p.commission
from unnest($1::text[], $2::uuid[]) as wanted (id, purchase_id)
left join purchases as pu on pu.id = wanted.purchase_id and pu.currency = 'XTR'
left join charges as c on c.id = wanted.id and c.paid_at is not null and c.currency = 'XTR'
left join provider_transactions as p
    on p.provider = 'TELEGRAM' and p.id = wanted.id and p.direction = 'IN' and p.kind = 'PAYMENT'

-- name: highest_balance
-- The bounds are those of the prefix `house:`.
select coalesce(max(abs(balance::numeric)), 0) from ledger_balances
where account >= 'house:' and account < 'house;' and asset = 'XTR_NANO'

-- name: unbooked
-- With what a row moves on one account at most, in nanostars: see StarsRow.moved.
select id, direction, charge_id,
    case when kind in ('PAYMENT', 'REFUND') then 0 else amount::numeric * 1000000000 end + nano + coalesce(commission, 0)
from provider_transactions
where booked_at is null and (movement <> '' or commission is not null) and (id, direction) > ($1::text, $2::text)
order by id, direction limit $3

-- name: load_rows
select p.direction, p.id, p.charge_id, p.player_id, p.amount, p.nano, p.commission, p.movement,
    p.kind in ('PAYMENT', 'REFUND'), p.at, p.booked_at
from unnest($1::text[], $2::text[]) as wanted (direction, id)
join provider_transactions as p on p.provider = 'TELEGRAM' and p.id = wanted.id and p.direction = wanted.direction
order by p.direction, p.id for no key update of p

-- name: save_rows
update provider_transactions as p set booked_at = t.booked_at
from unnest($1::text[], $2::text[], $3::timestamptz[]) as t (direction, id, booked_at)
where p.provider = 'TELEGRAM' and p.id = t.id and p.direction = t.direction

-- name: unexplained
-- Kinds nobody knows, older than $1; those of before $2 only when they were read since then. What a person
-- acknowledged is explained.
select u.id, u.direction, u.amount, u.nano, u.at, u.said from provider_transactions as u
where u.movement = 'UNKNOWN' and u.at < $1 and (u.at >= $2 or u.seen_at >= $3) and not exists (
    select from provider_transactions as a
    where a.charge_id = u.charge_id and a.provider = 'TELEGRAM' and a.kind = 'ACKNOWLEDGED')
order by u.at, u.id limit $4

-- name: moved
-- What rows moved besides sales and refunds, by house account, beside what the ledger has there: those that are booked,
-- and those that were read before $1 and should be. Nanostars; credits of the account are what came in.
with rows as (
    select coalesce(nullif(movement, ''), 'UNKNOWN') as account, case direction when 'IN' then 1 else -1 end as sign,
        case when kind in ('PAYMENT', 'REFUND') then nano else amount::numeric * 1000000000 + nano end as moved,
        coalesce(commission, 0) as commission
    from provider_transactions where booked_at is not null
    union all
    select coalesce(nullif(movement, ''), 'UNKNOWN'), case direction when 'IN' then 1 else -1 end,
        case when kind in ('PAYMENT', 'REFUND') then nano else amount::numeric * 1000000000 + nano end,
        coalesce(commission, 0)
    from provider_transactions
    where booked_at is null and (movement <> '' or commission is not null) and seen_at < $1
), listed as (
    select 'house:STARS:' || account as account, sum(-sign * moved) as total from rows group by account
    union all
    select 'house:STARS:COMMISSION', sum(sign * commission) from rows
)
select account, coalesce(listed.total, 0), coalesce(b.balance, 0)
from (select account, total from listed where total <> 0) as listed
full join (
    select account, balance from ledger_balances
    where account >= 'house:STARS:' and account < 'house:STARS;' and asset = 'XTR_NANO' and balance <> 0
) as b using (account)
order by account
