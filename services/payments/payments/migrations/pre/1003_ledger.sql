-- migrate:up

-- The ledger: double entry, append-only (DOMAIN §6). What makes it one is enforced here, whoever writes:
--   * A transaction's legs are numbered from 1 and written by one statement, all of them; per asset they add up to zero
--     (ledger_post, once a statement). The primary key (transaction_id, leg) then keeps every later leg out: it would
--     need a number that is taken, or leave a gap.
--   * A transaction has a leg 1 when the database transaction ends (the deferred foreign key), so none is empty.
--   * Nothing is updated, deleted or truncated (ledger_append_only), balances are written by ledger_post alone.
create table ledger_transactions (
    id              uuid        primary key,
    kind            text        not null check (kind in ('SALE', 'RECEIPT', 'REFUND', 'DEBT', 'GRANT')),
    idempotency_key text        not null collate "C" unique,
    purchase_id     uuid,
    charge_id       text,
    player_id       bigint      not null,
    reason          text        not null,
    at              timestamptz not null,
    berlin_day      date        not null generated always as ((at at time zone 'Europe/Berlin')::date) stored,
    first_leg       smallint    not null generated always as (1) stored,
    check (kind <> 'SALE' or (purchase_id is not null and charge_id is not null)),
    check (kind not in ('RECEIPT', 'REFUND') or charge_id is not null)
);
create unique index ledger_transactions_purchase on ledger_transactions (purchase_id, kind)
    where purchase_id is not null;

-- Debits are positive, credits negative. Money is in Stars or minor units under the currency's three letters.
-- `id` is the order of an account's journal; it needs no index of its own.
create table ledger_entries (
    id             bigint   generated always as identity,
    transaction_id uuid     not null references ledger_transactions (id),
    leg            smallint not null check (leg > 0),
    account        text     not null collate "C" check (
        account ~ '^house:(SALES|PROMO|REFERRAL|SPENT|REFUNDS|PROVIDER_CLEARING:(TELEGRAM|STRIPE))$'
        or account ~ '^(player|debt):[1-9][0-9]*$'
    ),
    asset          text     not null collate "C" check (
        asset in ('PAID_ENERGY', 'FREE_ENERGY', 'SAVER_TOKEN', 'DUEL_TICKET', 'PREMIUM_DAYS', 'MODE_HOURS')
        or asset ~ '^[A-Z]{3}$'
    ),
    amount         bigint   not null check (amount <> 0),
    primary key (transaction_id, leg)
);
create index ledger_entries_account on ledger_entries (account, id);

alter table ledger_transactions add constraint ledger_transactions_not_empty
    foreign key (id, first_leg) references ledger_entries (transaction_id, leg) deferrable initially deferred;

-- What each account has of each asset: the sum of its entries. Half of each page is kept for the next versions of its
-- rows, for a house account's row is written again and again, and no index covers the balance: those stay in the page.
create table ledger_balances (
    account text   not null collate "C",
    asset   text   not null collate "C",
    balance bigint not null,
    primary key (account, asset)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- How a turn hands over what it appends: one array of rows each (see gameplay's player_row).
create type ledger_transaction_row as (
    id              uuid,
    kind            text,
    idempotency_key text,
    purchase_id     uuid,
    charge_id       text,
    player_id       bigint,
    reason          text,
    at              timestamptz
);
create type ledger_entry_row as (
    transaction_id uuid,
    leg            smallint,
    account        text,
    asset          text,
    amount         bigint
);

-- Runs once a statement over all entries it added; of a turn's one statement that is at its end.
--
-- Every statement takes the rows of ledger_balances in one order, so writers wait for each other and never in a circle.
-- The house's rows are everybody's and come last: they are held from here to the commit, which follows at once, while a
-- player's row is nobody else's (turns lock the player first). So two replicas take turns at them for the length of a
-- commit, at a batch of up to 200 payments each, and a batch writes each of them once. That is thousands of payments a
-- second on one row; striping it would make every reading of a total a sum, for a rate no shop of ours will see.
create function ledger_post() returns trigger language plpgsql set search_path from current as $$
declare
    fault record;
begin
    select transaction_id, asset, sum(amount) as rest into fault
    from added group by transaction_id, asset having sum(amount) <> 0 limit 1;
    if found then
        raise exception 'ledger: transaction % is out of balance by % %', fault.transaction_id, fault.rest, fault.asset
            using errcode = 'check_violation', constraint = 'ledger_balanced', table = tg_table_name;
    end if;
    -- Legs of a transaction are distinct and above 0, so these are 1 to n exactly when the highest is their number.
    select transaction_id into fault
    from added group by transaction_id
    having max(leg) <> count(*) or count(*) <> count(distinct (account, asset)) limit 1;
    if found then
        raise exception 'ledger: transaction % needs all its legs in one statement, numbered from 1, one per account '
            'and asset', fault.transaction_id
            using errcode = 'check_violation', constraint = 'ledger_whole', table = tg_table_name;
    end if;
    insert into ledger_balances as kept (account, asset, balance)
    select account, asset, sum(amount) from added
    group by account, asset order by starts_with(account, 'house:'), account, asset
    on conflict (account, asset) do update set balance = kept.balance + excluded.balance;
    return null;
end
$$;
create trigger ledger_post after insert on ledger_entries
    referencing new table as added for each statement execute function ledger_post();

create function ledger_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: corrections are new transactions', tg_table_name;
end
$$;
create trigger ledger_append_only before update or delete or truncate on ledger_transactions
    for each statement execute function ledger_append_only();
create trigger ledger_append_only before update or delete or truncate on ledger_entries
    for each statement execute function ledger_append_only();

-- Within ledger_post a trigger is running already, and no other trigger of this schema touches balances.
create function ledger_balances_follow() returns trigger language plpgsql as $$
begin
    if pg_trigger_depth() < 2 then
        raise exception 'ledger_balances follows from ledger_entries: write a transaction';
    end if;
    return null;
end
$$;
create trigger ledger_balances_follow before insert or update or delete or truncate on ledger_balances
    for each statement execute function ledger_balances_follow();

-- migrate:down
