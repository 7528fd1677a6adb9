-- name: append_transactions
insert into ledger_transactions (id, kind, idempotency_key, partner_id, purchase_id, payout_id, at)
select * from unnest($1::ledger_transaction_row[])

-- name: append_entries
insert into ledger_entries (transaction_id, leg, account, amount)
select * from unnest($1::ledger_entry_row[])

-- name: compared_until
select until from sale_comparisons where name = $1

-- name: known_sales
select purchase_id, credited_at, refunded_at, is_telegrams from sales where purchase_id = any($1::uuid[])

-- name: unsettled
-- Commissions that stand, of sales that went back or are Telegram's own.
select credited_at, purchase_id, player_id, partner_id from sales
where state in ('PENDING', 'PAYABLE') and (refunded_at is not null or is_telegrams)
    and (credited_at, purchase_id) > ($1::timestamptz, $2::uuid)
order by credited_at, purchase_id limit $3

-- name: unclaimed
-- Sales since $1 that earn nobody anything, though they came by the link of somebody whose terms of that time give them
-- some (`Partner.rate_at`).
select s.credited_at, s.purchase_id, s.player_id, r.referrer_id
from sales as s
join referrals as r on r.player_id = s.player_id and r.started_on is not null and r.state <> 'REJECTED_FRAUD'
join partners as p on p.player_id = r.referrer_id and p.terms <> '[]'
cross join lateral (
    select rates from json_array_elements(p.terms::json) with ordinality as every (rates, place)
    where (rates ->> 'since')::timestamptz <= s.credited_at order by place desc limit 1
) as stood
where s.state = 'NONE' and s.credited_at is not null and s.refunded_at is null and not s.is_telegrams and s.stars > 0
    and s.credited_at >= $1 and (s.credited_at, s.purchase_id) > ($2::timestamptz, $3::uuid)
    and (case when s.credited_at < r.touched_at + interval '30 days' then rates ->> 'first_per_mille'
        else rates ->> 'later_per_mille' end)::int > 0
order by s.credited_at, s.purchase_id limit $4

-- name: unclaimed_of
-- A player's sales that would earn if somebody had brought them, however old they are.
select player_id, array_agg(purchase_id order by purchase_id) from sales
where player_id = any($1::bigint[]) and state = 'NONE' and credited_at is not null and refunded_at is null
    and not is_telegrams and stars > 0
group by player_id

-- name: due
-- Commissions of sales before $1 of partners about whom no case is open, and of players whom no fraud brought.
select s.credited_at, s.purchase_id, s.player_id, s.partner_id
from sales as s join partners as p on p.player_id = s.partner_id join referrals as r on r.player_id = s.player_id
where s.state = 'PENDING' and s.credited_at <= $1 and p.held_since is null and p.state <> 'BANNED'
    and r.state <> 'REJECTED_FRAUD'
    and (s.credited_at, s.purchase_id) > ($2::timestamptz, $3::uuid)
order by s.credited_at, s.purchase_id limit $4

-- name: used_references
select reference, payout_id from payouts where reference = any($1::text[]) and reference <> ''

-- name: sending
-- Gifts of which payments said nothing since $1; and those that failed of late, for Telegram may show them after all.
select payout_id from payouts
where (state = 'SENDING' and changed_at < $1
        or state = 'FAILED' and kind = 'PREMIUM_GIFT' and changed_at >= $1 - interval '4 days')
    and ($2::uuid is null or payout_id > $2) order by payout_id limit $3

-- name: counted_funnels
-- Of the biggest partners: what became of those whom they brought, as it was counted last.
select player_id, starts, answered_20, payers from funnels where player_id = any($1::bigint[])

-- name: count_funnel
-- Keep what became of those whom a player brought, if they are so many as $2 or more. $3 is now.
insert into funnels (player_id, starts, answered_20, payers, counted_at)
select r.referrer_id, count(*), count(*) filter (where r.progress_answered >= 20), count(*) filter (where exists (
    select from sales as s where s.player_id = r.player_id and s.credited_at is not null and s.refunded_at is null)), $3
from referrals as r where r.referrer_id = $1 and r.started_on is not null
group by r.referrer_id having count(*) >= $2
on conflict (player_id) do update set starts = excluded.starts, answered_20 = excluded.answered_20,
    payers = excluded.payers, counted_at = excluded.counted_at

-- name: partners_to_count
select player_id from partners where player_id > coalesce($1::bigint, 0) order by player_id limit $2

-- name: funnels
-- What became of those whom each of these players brought.
select r.referrer_id, count(*), count(*) filter (where r.progress_answered >= 20), count(*) filter (where exists (
    select from sales as s where s.player_id = r.player_id and s.credited_at is not null and s.refunded_at is null))
from referrals as r where r.referrer_id = any($1::bigint[]) and r.started_on is not null group by r.referrer_id

-- name: weeks
-- Commissions that stand, by partner and the Monday in Berlin of the sale's week.
select partner_id, date_trunc('week', credited_at at time zone 'Europe/Berlin')::date as begins, sum(commission)
from sales where partner_id = any($1::bigint[]) and credited_at >= $2 and state in ('PENDING', 'PAYABLE')
group by partner_id, begins order by partner_id, begins
