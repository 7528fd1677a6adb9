-- migrate:up

-- The providers' own books, as they were read. A row is written once and never changed: providers add rows, no more.
-- A refund of Telegram carries its payment's id, so the direction belongs to the key (DOMAIN §6).
-- CHARGEBACK and ACKNOWLEDGED are rows of ours, in no provider's list: what a person settled there, with the note as
-- payload. A chargeback counts as money that went back; a charge that is acknowledged is left out of every comparison.
create table provider_transactions (
    provider    text        not null check (provider in ('TELEGRAM', 'STRIPE')),
    id          text        not null,
    direction   text        not null check (direction in ('IN', 'OUT')),
    kind        text        not null check (kind in (
        'PAYMENT', 'REFUND', 'REFUND_FAILURE', 'DISPUTE', 'DISPUTE_REVERSAL', 'OTHER',
        'CHARGEBACK', 'ACKNOWLEDGED')),
    charge_id   text        not null,
    amount      bigint      not null check (amount >= 0),
    currency    text        not null,
    player_id   bigint      not null,
    purchase_id uuid,
    payload     text        not null,
    at          timestamptz not null,
    seen_at     timestamptz not null,
    primary key (provider, id, direction)
);

-- How a row is handed over to be saved (see purchase_row).
create type provider_transaction_row as (
    provider    text,
    id          text,
    direction   text,
    kind        text,
    charge_id   text,
    amount      bigint,
    currency    text,
    player_id   bigint,
    purchase_id uuid,
    payload     text,
    at          timestamptz,
    seen_at     timestamptz
);

create index provider_transactions_charge on provider_transactions (charge_id);
create index provider_transactions_acknowledged on provider_transactions (charge_id) where kind = 'ACKNOWLEDGED';
create index provider_transactions_seen on provider_transactions (seen_at);
-- What a stale checkout is looked up by.
create index provider_transactions_paid on provider_transactions (purchase_id)
    where purchase_id is not null and kind = 'PAYMENT';

-- How far each provider's list has been read: Telegram's is counted, Stripe's is asked for by time.
create table provider_cursors (
    provider text        primary key check (provider in ('TELEGRAM', 'STRIPE')),
    position bigint      not null check (position >= 0),
    read_to  timestamptz not null
);

-- Every comparison of the books; what an operator was promised, or a schedule fired, is one run with a row a provider.
create table reconciliation_runs (
    id          uuid        not null,
    provider    text        not null check (provider in ('TELEGRAM', 'STRIPE')),
    is_full     boolean     not null,
    started_at  timestamptz not null,
    finished_at timestamptz,
    looked_at   integer     not null default 0,
    repairs     json        not null default '[]',
    repaired    integer     not null default 0,
    books       json        not null default '[]',
    diffs       json        not null default '[]',
    diff_count  integer     not null default 0,
    primary key (id, provider),
    check (diff_count >= 0 and repaired >= 0)
);
create index reconciliation_runs_recent on reconciliation_runs (started_at desc);

-- migrate:down
