-- migrate:up

-- One row a player who ever touched the shop. Its lock is what makes decisions about one player's money follow one
-- another; its primary key is what makes a second active premium impossible (DOMAIN §5).
create table customers (
    player_id         bigint      primary key,
    premium_revision   integer     not null check (premium_revision >= 0),
    premium_grants    json        not null,
    premium_terms     json        not null,
    savers            json        not null
) with (fillfactor = 80);

create type customer_row as (
    player_id         bigint,
    premium_revision   integer,
    premium_grants    json,
    premium_terms     json,
    savers            json
);

-- One attempt to buy one product (DOMAIN §6). The price is the one it was made with, for ever.
create table purchases (
    id              uuid        primary key,
    player_id       bigint      not null,
    product         text        not null,
    provider        text        not null check (provider in ('TELEGRAM', 'STRIPE')),
    currency        text        not null,
    amount          bigint      not null check (amount > 0),
    base_amount     bigint      not null check (base_amount > 0),
    price_version   integer     not null,
    steps           json        not null,
    redemption_id   uuid,
    surface         text        not null,
    state           text        not null check (state in (
        'CREATED', 'INVOICE_SENT', 'PRECHECKOUT_OK', 'PAID_UNCREDITED', 'CREDITED', 'REFUND_PENDING', 'REFUNDED',
        'FAILED', 'REVIEW')),
    created_at      timestamptz not null,
    expires_at      timestamptz not null,
    changed_at      timestamptz not null,
    prechecked_at   timestamptz,
    paid_at         timestamptz,
    credited_at     timestamptz,
    refunded_at     timestamptz,
    charge_id       text        unique,
    late            boolean     not null,
    credit_attempts integer     not null,
    reason          text        not null,
    -- Money that came in is never without its charge, and nothing is credited that was not paid.
    check ((charge_id is null) = (state in ('CREATED', 'INVOICE_SENT', 'PRECHECKOUT_OK', 'FAILED'))),
    check (state <> 'CREDITED' or (paid_at is not null and credited_at is not null)),
    check ((state = 'REFUNDED') = (refunded_at is not null))
) with (fillfactor = 70);

-- How a purchase is handed over to be saved (see player_row of gameplay for the rule about later columns).
create type purchase_row as (
    id              uuid,
    player_id       bigint,
    product         text,
    provider        text,
    currency        text,
    amount          bigint,
    base_amount     bigint,
    price_version   integer,
    steps           json,
    redemption_id   uuid,
    surface         text,
    state           text,
    created_at      timestamptz,
    expires_at      timestamptz,
    changed_at      timestamptz,
    prechecked_at   timestamptz,
    paid_at         timestamptz,
    credited_at     timestamptz,
    refunded_at     timestamptz,
    charge_id       text,
    late            boolean,
    credit_attempts integer,
    reason          text
);

-- One active invoice per player and product (DOMAIN §6).
create unique index purchases_open on purchases (player_id, product)
    where state in ('CREATED', 'INVOICE_SENT', 'PRECHECKOUT_OK');
-- Two, so that neither covers all open invoices: while there are few, Postgres would read a player's off such a one,
-- whole, and keep that plan when there are many.
create index purchases_stale on purchases (expires_at) where state in ('CREATED', 'INVOICE_SENT');
create index purchases_stale_checkouts on purchases (expires_at) where state = 'PRECHECKOUT_OK';
create index purchases_unfinished on purchases (changed_at)
    where state in ('PAID_UNCREDITED', 'REFUND_PENDING', 'REVIEW');
-- What is paid and not the player's yet; premium on its way counts for what may be bought.
create index purchases_awaited on purchases (player_id) where state in ('PAID_UNCREDITED', 'REVIEW');
-- What a player sees: purchases that came to something.
create index purchases_history on purchases (player_id, created_at desc) where charge_id is not null;
-- What reconciliation looks at: paid purchases by the time of their last change.
create index purchases_changed on purchases (changed_at) where charge_id is not null;

-- Money as a provider reported it: the key is the provider's identifier, never the payload (DOMAIN §6).
create table charges (
    id          text        primary key,
    provider    text        not null check (provider in ('TELEGRAM', 'STRIPE')),
    player_id   bigint      not null,
    purchase_id uuid        unique,
    state       text        not null check (state in ('TAKEN', 'ORPHAN', 'REFUND_PENDING', 'REFUNDED')),
    payload     text        not null,
    amount      bigint      not null,
    currency    text        not null,
    paid_at     timestamptz,
    recorded_at timestamptz not null,
    refunded_at timestamptz,
    problem     text        not null,
    asked_at    timestamptz,
    check ((state = 'REFUNDED') = (refunded_at is not null)),
    -- Without the time of its payment, all that is known is that it was refunded: the payment is still on its way.
    check (paid_at is not null or (state = 'REFUNDED' and purchase_id is null))
) with (fillfactor = 80);

create type charge_row as (
    id          text,
    provider    text,
    player_id   bigint,
    purchase_id uuid,
    state       text,
    payload     text,
    amount      bigint,
    currency    text,
    paid_at     timestamptz,
    recorded_at timestamptz,
    refunded_at timestamptz,
    problem     text,
    asked_at    timestamptz
);

create index charges_orphaned on charges (recorded_at) where state in ('ORPHAN', 'REFUND_PENDING');
-- What hangs on its way back, by the time the provider was last asked for it.
create index charges_asked on charges (coalesce(asked_at, recorded_at), id) where state = 'REFUND_PENDING';

create function refuse_deletion() returns trigger language plpgsql as $$
begin
    raise exception '% is never deleted from: money leaves a trace', tg_table_name;
end
$$;
create trigger purchases_stay before delete or truncate on purchases
    for each statement execute function refuse_deletion();
create trigger charges_stay before delete or truncate on charges
    for each statement execute function refuse_deletion();

-- migrate:down
