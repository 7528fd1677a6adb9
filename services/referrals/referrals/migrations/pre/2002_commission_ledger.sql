-- migrate:up

-- The ledger of commissions: double entry, append-only, in whole Stars (DOMAIN §9), kept by the database as payments' is:
--   * A transaction's legs are numbered from 1 and written by one statement, one an account; they add up to zero
--     (ledger_post, once a statement). The primary key (transaction_id, leg) keeps every later leg out.
--   * A transaction has a leg 1 when the database transaction ends (the deferred foreign key), so none is empty.
--   * Nothing is updated, deleted or truncated (ledger_append_only); balances are written by ledger_post alone.
create table ledger_transactions (
    id              uuid        primary key,
    kind            text        not null check (
        kind in ('EARNED', 'MATURED', 'TAKEN_BACK', 'RESERVED', 'RELEASED', 'SENT')
    ),
    idempotency_key text        not null collate "C" unique,
    partner_id      bigint      not null,
    purchase_id     uuid,
    payout_id       uuid,
    at              timestamptz not null,
    first_leg       smallint    not null generated always as (1) stored,
    check ((purchase_id is not null) = (kind in ('EARNED', 'MATURED', 'TAKEN_BACK'))),
    check ((payout_id is not null) = (kind in ('RESERVED', 'RELEASED', 'SENT')))
);
create index ledger_transactions_of_partner on ledger_transactions (partner_id, at);

create table ledger_entries (
    transaction_id uuid     not null references ledger_transactions (id),
    leg            smallint not null check (leg > 0),
    account        text     not null collate "C" check (
        account in ('house:COMMISSION', 'house:PAID') or account ~ '^(pending|payable|in_payout):[1-9][0-9]*$'
    ),
    amount         bigint   not null check (amount <> 0),
    primary key (transaction_id, leg)
);
create index ledger_entries_account on ledger_entries (account);

alter table ledger_transactions add constraint ledger_transactions_not_empty
    foreign key (id, first_leg) references ledger_entries (transaction_id, leg) deferrable initially deferred;

-- What each account has. Only what is payable may be below nothing, and the house's commissions (ledger_post).
create table ledger_balances (
    account text   primary key collate "C",
    balance bigint not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

create type ledger_transaction_row as (
    id              uuid,
    kind            text,
    idempotency_key text,
    partner_id      bigint,
    purchase_id     uuid,
    payout_id       uuid,
    at              timestamptz
);
create type ledger_entry_row as (
    transaction_id uuid,
    leg            smallint,
    account        text,
    amount         bigint
);

-- Runs once a statement over all entries it added. Every statement takes the rows of ledger_balances in one order, the
-- house's, which are everybody's, last: writers wait for each other for the length of a commit and never in a circle.
create function ledger_post() returns trigger language plpgsql set search_path from current as $$
declare
    fault record;
begin
    select transaction_id, sum(amount) as rest into fault
    from added group by transaction_id having sum(amount) <> 0 limit 1;
    if found then
        raise exception 'ledger: transaction % is out of balance by % Stars', fault.transaction_id, fault.rest
            using errcode = 'check_violation', constraint = 'ledger_balanced', table = tg_table_name;
    end if;
    select transaction_id into fault
    from added group by transaction_id
    having max(leg) <> count(*) or count(*) <> count(distinct account) limit 1;
    if found then
        raise exception 'ledger: transaction % needs all its legs in one statement, numbered from 1, one per account',
            fault.transaction_id
            using errcode = 'check_violation', constraint = 'ledger_whole', table = tg_table_name;
    end if;
    insert into ledger_balances as kept (account, balance)
    select account, sum(amount) from added
    group by account order by starts_with(account, 'house:'), account
    on conflict (account) do update set balance = kept.balance + excluded.balance;
    select account, balance into fault from ledger_balances
    where account in (select account from added) and balance < 0
        and account <> 'house:COMMISSION' and not starts_with(account, 'payable:') limit 1;
    if found then
        raise exception 'ledger: account % would have % Stars', fault.account, fault.balance
            using errcode = 'check_violation', constraint = 'ledger_covered', table = tg_table_name;
    end if;
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
