-- name: save_transactions
-- A row stays as it was read first. What nobody has booked yet may be read better (a price came to be known, an older
-- build knew less of it); and Telegram's words about a withdrawal change while it is under way.
insert into provider_transactions as kept (
    provider, id, direction, kind, charge_id, amount, currency, player_id, purchase_id, payload, at, seen_at, nano,
    commission, movement, said
)
select * from unnest($1::provider_transaction_row_2[])
on conflict (provider, id, direction) do update set
    amount = case when kept.booked_at is null then excluded.amount else kept.amount end,
    nano = case when kept.booked_at is null then excluded.nano else kept.nano end,
    commission = case when kept.booked_at is null then excluded.commission else kept.commission end,
    movement = case when kept.booked_at is null then excluded.movement else kept.movement end,
    seen_at = case when kept.booked_at is null then excluded.seen_at else kept.seen_at end,
    payload = case kept.payload when 'withdrawal failed' then excluded.payload else kept.payload end,
    said = excluded.said
where kept.kind = excluded.kind and kept.kind in ('PAYMENT', 'REFUND', 'OTHER') and (
    (kept.booked_at is null and (kept.amount, kept.nano, kept.commission, kept.movement)
        is distinct from (excluded.amount, excluded.nano, excluded.commission, excluded.movement))
    or (kept.payload = 'withdrawal failed' and excluded.payload <> kept.payload)
    or kept.said::text is distinct from excluded.said::text)

-- name: cursor
select position, read_to, reader from provider_cursors where provider = $1

-- name: save_cursor
insert into provider_cursors (provider, position, read_to, reader) values ($1, $2, $3, $4)
on conflict (provider) do update
    set position = excluded.position, read_to = excluded.read_to, reader = excluded.reader

-- name: seen
-- How many rows of a provider's list are here, without ours, and what all of them moved its balance by: in nanostars, or
-- billionths of minor units.
select count(*) filter (where kind not in ('CHARGEBACK', 'ACKNOWLEDGED') and payload <> 'withdrawal failed'),
    (coalesce(sum(case direction when 'IN' then amount else -amount end), 0) * 1000000000
    + coalesce(sum(case direction when 'IN' then nano - coalesce(commission, 0) else coalesce(commission, 0) - nano end), 0)
    )::numeric
from provider_transactions where provider = $1

-- name: open_withdrawals
-- Where Telegram's list has, before $1, what it called under way when it was read: from 0, and about so, for rows of one
-- second may stand otherwise. A word too many that is taken for one costs a page of the list.
select place from (
    select row_number() over (order by at) - 1 as place, movement, said::text as said
    from provider_transactions
    where provider = 'TELEGRAM' and kind not in ('CHARGEBACK', 'ACKNOWLEDGED') and payload <> 'withdrawal failed'
) as list
where movement = 'FRAGMENT' and said like '%"pending"%' and place < $1
order by place limit $2

-- name: listed
select wanted.id, coalesce(max(p.provider), ''), coalesce(sum(p.amount) filter (where p.kind = 'PAYMENT'), 0)::bigint,
    coalesce(sum(case p.direction when 'OUT' then p.amount else -p.amount end)
        filter (where p.kind not in ('PAYMENT', 'OTHER')), 0)::bigint,
    coalesce(array_agg(p.kind) filter (where p.kind in ('CHARGEBACK', 'ACKNOWLEDGED')), '{}')
from unnest($1::text[]) as wanted (id)
left join provider_transactions as p on p.charge_id = wanted.id
group by wanted.id

-- name: open_run
insert into reconciliation_runs (id, provider, is_full, started_at) values ($1, $2, $3, $4)
on conflict (id, provider) do update
    set started_at = case when reconciliation_runs.finished_at is null then excluded.started_at
        else reconciliation_runs.started_at end
returning finished_at is null

-- name: close_runs
update reconciliation_runs as run set
    finished_at = t.finished_at, looked_at = t.looked_at, repairs = t.repairs::json, repaired = t.repaired,
    books = t.books::json, diffs = t.diffs::json, diff_count = t.diff_count
from unnest(
    $1::uuid[], $2::text[], $3::timestamptz[], $4::int[], $5::text[], $6::int[], $7::text[], $8::text[], $9::int[]
) as t (id, provider, finished_at, looked_at, repairs, repaired, books, diffs, diff_count)
where run.id = t.id and run.provider = t.provider

-- name: last_run
select max(started_at) from reconciliation_runs where provider = $1 and finished_at is not null

-- name: runs
select id, provider, is_full, started_at, finished_at, looked_at, repaired, repairs, books, diff_count, diffs
from reconciliation_runs
where ($1::uuid is null or id = $1) and (not $2::bool or diff_count > 0)
order by started_at desc, provider limit $3

-- name: delete_old_runs
delete from reconciliation_runs where (id, provider) in (
    select id, provider from reconciliation_runs
    where started_at < $1 and diff_count = 0 and repaired = 0 order by started_at limit $2
)

-- name: changed_charges
-- Whatever a provider or we wrote down since $2.
select charge_id from provider_transactions where provider = $1 and seen_at >= $2 and kind <> 'OTHER'
union
select charge_id from purchases where provider = $1 and charge_id is not null and changed_at >= $2
union
select id from charges where provider = $1 and state in ('ORPHAN', 'REFUND_PENDING') and recorded_at >= $2
union
select id from charges where purchase_id is null and refunded_at is not null and refunded_at >= $2 and provider = $1

-- name: traces
-- What each of the three books says about these charges, in one snapshot.
select wanted.id, p.taken, p.returned, p.currency, p.taken_at, p.returned_at,
    coalesce(nullif(p.player_id, 0), named.player_id, 0), p.payload, p.is_disputed,
    c.state, c.player_id, c.purchase_id, c.amount, c.currency, c.paid_at, c.recorded_at, c.refunded_at,
    pu.id, pu.product, pu.state, pu.credited_at is not null,
    l.taken, l.returned, exists (
        select from provider_transactions as a
        where a.charge_id = wanted.id and a.provider = $1 and a.kind = 'ACKNOWLEDGED'),
    p.commission
from unnest($2::text[]) as wanted (id)
left join lateral (
    select coalesce(sum(amount) filter (where kind = 'PAYMENT'), 0)::bigint as taken,
        coalesce(sum(case direction when 'OUT' then amount else -amount end)
            filter (where kind <> 'PAYMENT'), 0)::bigint as returned,
        min(currency) as currency, min(at) filter (where kind = 'PAYMENT') as taken_at,
        max(at) filter (where kind <> 'PAYMENT') as returned_at, max(player_id) as player_id,
        coalesce(max(payload) filter (where kind = 'PAYMENT'), '') as payload,
        (array_agg(purchase_id) filter (where purchase_id is not null))[1] as purchase_id,
        bool_or(kind = 'DISPUTE') as is_disputed, max(commission) filter (where kind = 'PAYMENT') as commission
    from provider_transactions where charge_id = wanted.id and provider = $1 and kind not in ('OTHER', 'ACKNOWLEDGED')
    having count(*) > 0
) as p on true
left join purchases as named on named.id = p.purchase_id
left join charges as c on c.id = wanted.id
left join purchases as pu on pu.charge_id = wanted.id
cross join lateral (
    select coalesce(sum(e.amount) filter (where e.amount > 0), 0)::bigint as taken,
        coalesce(-sum(e.amount) filter (where e.amount < 0), 0)::bigint as returned
    from unnest(array['sale:' || coalesce(pu.id, c.purchase_id), 'receipt:' || wanted.id, 'refund:' || wanted.id]) as key (name)
    join ledger_transactions as t on t.idempotency_key = key.name and t.charge_id = wanted.id
    -- By the transaction and nothing else: a generic plan might go through all entries of the clearing account.
    cross join lateral (
        select account, asset, amount from ledger_entries where transaction_id = t.id offset 0
    ) as e
    where e.account = 'house:PROVIDER_CLEARING:' || $1 and e.asset = coalesce(c.currency, e.asset)
) as l

-- name: doubtful_charges
-- Every charge of any book on which not all three agree, to be looked at one by one, with what the ledger has under
-- its name, whatever transaction that is in. Reads all of them.
with p as (
    select charge_id as id, coalesce(sum(amount) filter (where kind = 'PAYMENT'), 0) as taken,
        coalesce(sum(case direction when 'OUT' then amount else -amount end) filter (where kind <> 'PAYMENT'), 0)
            as returned,
        min(currency) as currency, max(player_id) as player_id
    from provider_transactions where provider = $1 and kind not in ('OTHER', 'ACKNOWLEDGED') group by charge_id
), c as (
    select c.id, c.purchase_id, c.player_id, c.currency, c.state = 'REFUNDED' as is_back, c.paid_at is not null as is_paid,
        c.amount as taken
    from charges as c where c.provider = $1
), pu as (
    select charge_id as id, id as purchase_id, state = 'REFUNDED' as is_back, credited_at is not null as is_credited
    from purchases where provider = $1 and charge_id is not null
), l as (
    select t.charge_id as id, sum(e.amount) filter (where e.amount > 0) as taken,
        -sum(e.amount) filter (where e.amount < 0) as returned, min(e.asset) as currency, max(e.asset) as other_currency,
        bool_or(t.kind = 'SALE') as is_sold
    from ledger_entries as e join ledger_transactions as t on t.id = e.transaction_id
    where e.account = 'house:PROVIDER_CLEARING:' || $1 and e.asset <> 'XTR_NANO' group by t.charge_id
)
select id, coalesce(l.taken, 0)::bigint, coalesce(l.returned, 0)::bigint
from c full join p using (id) full join pu using (id) full join l using (id)
where (
    c.is_paid and p.taken = c.taken and p.currency = c.currency and p.player_id in (0, c.player_id)
    and p.returned = case when c.is_back then c.taken else 0 end
    and c.purchase_id is not distinct from pu.purchase_id
    and coalesce(pu.is_back, c.is_back) = c.is_back
    and coalesce(l.taken, 0) = case when c.is_back or pu.is_credited then c.taken else 0 end
    and coalesce(l.returned, 0) = case when c.is_back then c.taken else 0 end
    and (c.purchase_id is not null or l.is_sold is not true)
    and coalesce(l.currency, c.currency) = c.currency and coalesce(l.other_currency, c.currency) = c.currency
) is not true
order by id limit $2

-- name: book_totals
-- Counts and totals of the three books by product. What the provider is compared with is what was there before $2:
-- of what came later it may not have told yet. Our own two books are written together and compared whole.
-- A charge on which the books differ, and a person acknowledged that, is in none of them.
with acknowledged as (
    select charge_id as id from provider_transactions where provider = $1 and kind = 'ACKNOWLEDGED'
), at_provider as (
    select case p.kind when 'PAYMENT' then 'taken' else 'returned' end as measure, coalesce(pu.product, '') as product,
        p.currency, case when p.kind = 'PAYMENT' or p.direction = 'OUT' then 1 else -1 end as sign, p.amount
    from provider_transactions as p
    left join charges as c on c.id = p.charge_id
    left join purchases as pu on pu.id = c.purchase_id
    where p.provider = $1 and p.kind <> 'OTHER' and coalesce(
        case p.kind when 'PAYMENT' then case when c.paid_at is not null then c.recorded_at end else c.refunded_at end, p.at
    ) < $2 and not exists (select from acknowledged as a where a.id = p.charge_id)
), in_purchases as (
    select m.measure, coalesce(pu.product, '') as product, c.currency, c.amount
    from charges as c
    left join purchases as pu on pu.id = c.purchase_id
    cross join lateral (values
        ('taken', c.recorded_at < $2),
        ('returned', c.refunded_at < $2),
        ('booked', pu.credited_at is not null or c.refunded_at is not null),
        ('reversed', c.refunded_at is not null)
    ) as m (measure, counts)
    where c.provider = $1 and c.paid_at is not null and m.counts
        and not exists (select from acknowledged as a where a.id = c.id)
), in_ledger as (
    select case when e.amount > 0 then 'booked' else 'reversed' end as measure, coalesce(pu.product, '') as product,
        e.asset as currency, abs(e.amount) as amount
    from ledger_entries as e
    join ledger_transactions as t on t.id = e.transaction_id
    left join purchases as pu on pu.id = t.purchase_id
    where e.account = 'house:PROVIDER_CLEARING:' || $1 and e.asset <> 'XTR_NANO'
        and not exists (select from acknowledged as a where a.id = t.charge_id)
), left_out as (
    select e.asset, sum(e.amount) as amount
    from ledger_entries as e
    join ledger_transactions as t on t.id = e.transaction_id
    join acknowledged as a on a.id = t.charge_id
    where e.account = 'house:PROVIDER_CLEARING:' || $1 group by e.asset
)
select 'PROVIDER' as book, measure, product, currency, sum(sign)::bigint, sum(sign * amount)::bigint
from at_provider group by measure, product, currency
union all
select 'PURCHASES', measure, product, currency, count(*), sum(amount)::bigint
from in_purchases group by measure, product, currency
union all
select 'LEDGER', measure, product, currency, count(*), sum(amount)::bigint
from in_ledger group by measure, product, currency
union all
select 'LEDGER', 'balance', '', b.asset, 0, (b.balance - coalesce(o.amount, 0))::bigint
from ledger_balances as b left join left_out as o using (asset)
where b.account = 'house:PROVIDER_CLEARING:' || $1 and b.asset <> 'XTR_NANO'
order by 1, 2, 3, 4
