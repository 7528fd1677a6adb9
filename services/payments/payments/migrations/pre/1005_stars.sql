-- migrate:up

-- What Telegram's list tells besides whole Stars for purchases (DOMAIN §6, other movements of Stars). Running code knows
-- none of this and leaves it to the defaults.
--   * nano: what `amount` has beyond whole Stars, in billionths of one.
--   * commission: what an affiliate of Telegram's own programme got of it, in nanostars; null when there is none. What a
--     purchase's row counts as is always what the player paid, `amount`; the balance moved by that less the commission.
--   * movement: what a row is that is neither purchase nor refund; empty for those, and for rows read before this.
--   * booked_at: when the ledger took what is not part of a sale or refund; null: not yet, or there is nothing.
--   * said: the provider's own words, kept where they tell more than the columns.
alter table provider_transactions
    add column nano       integer     not null default 0 check (nano between 0 and 999999999),
    add column commission bigint      check (commission >= 0),
    add column movement   text        not null default '',
    add column booked_at  timestamptz,
    add column said       json;

create type provider_transaction_row_2 as (
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
    seen_at     timestamptz,
    nano        integer,
    commission  bigint,
    movement    text,
    said        json
);

create index provider_transactions_unbooked on provider_transactions (id, direction)
    where booked_at is null and (movement <> '' or commission is not null);
create index provider_transactions_booked on provider_transactions (movement) where booked_at is not null;
create index provider_transactions_unknown on provider_transactions (at) where movement = 'UNKNOWN';

-- Which reader read the list from its start: rows that an older one read are read again, once.
alter table provider_cursors add column reader smallint not null default 0;

-- commission: as above, of the payment; null while none is known. refusal: whether the provider refused for good to give
-- the money back, and waits for a person (OPEN), or a person left it so (LEFT).
alter table charges
    add column commission bigint check (commission >= 0),
    add column refusal    text not null default '' check (refusal in ('', 'OPEN', 'LEFT'));

create type charge_row_2 as (
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
    asked_at    timestamptz,
    commission  bigint,
    refusal     text
);

create index charges_refused on charges (recorded_at) where refusal = 'OPEN' and state = 'TAKEN';
-- What reconciliation looks at besides purchases: money that bought nothing and went back.
create index charges_returned on charges (refunded_at) where purchase_id is null and refunded_at is not null;

-- The ledger counts money in whole Stars. What moves in parts of a Star is an asset of its own, in billionths; what the
-- provider holds is XTR times a billion plus XTR_NANO. New rows are checked; old ones passed a narrower check.
alter table ledger_transactions drop constraint ledger_transactions_kind_check;
alter table ledger_transactions add constraint ledger_transactions_kind_check
    check (kind in ('SALE', 'RECEIPT', 'REFUND', 'DEBT', 'GRANT', 'STARS')) not valid;
alter table ledger_entries drop constraint ledger_entries_account_check;
alter table ledger_entries add constraint ledger_entries_account_check check (
    account ~ '^house:(SALES|PROMO|REFERRAL|SPENT|REFUNDS|PROVIDER_CLEARING:(TELEGRAM|STRIPE)|STARS:[A-Z_]{1,32})$'
    or account ~ '^(player|debt):[1-9][0-9]*$'
) not valid;
alter table ledger_entries drop constraint ledger_entries_asset_check;
alter table ledger_entries add constraint ledger_entries_asset_check check (
    asset in ('PAID_ENERGY', 'FREE_ENERGY', 'SAVER_TOKEN', 'DUEL_TICKET', 'PREMIUM_DAYS', 'MODE_HOURS', 'XTR_NANO')
    or asset ~ '^[A-Z]{3}$'
) not valid;

-- migrate:down
