-- migrate:up

-- What products cost in Stars, to know how much a discount may take off a price before it is bought with. These are the
-- prices of the beginning (DOMAIN §5); payments tells of changes.
create table star_prices (
    product    text    primary key,
    amount     integer not null check (amount >= 0),
    changed_at timestamptz
);

create type star_price_row as (
    product    text,
    amount     integer,
    changed_at timestamptz
);

insert into star_prices (product, amount) values
    ('ENERGY_10', 10), ('MEGA_PACK_15', 15), ('STREAK_SAVER_20', 20), ('DUEL_TICKET_5', 5),
    ('PREMIUM_STARTER', 29), ('PREMIUM_MONTH', 99), ('PREMIUM_SEASON', 249), ('PREMIUM_YEAR', 499);

-- What a redemption takes of its campaign's budget, and of the period that began when; null: of none. `stars_off` is
-- what its invoice takes off the price.
alter table redemptions
    add column budget_share  integer not null default 0 check (budget_share >= 0),
    add column budget_begins date,
    add column stars_off     integer;

create type redemption_row_3 as (
    id             uuid,
    player_id      bigint,
    code_id        uuid,
    batch_id       uuid,
    campaign       text,
    state          text,
    made_at        timestamptz,
    changed_at     timestamptz,
    percent        integer,
    reserved_until timestamptz,
    purchase_id    uuid,
    heard_at       timestamptz,
    budget_share   integer,
    budget_begins  date,
    stars_off      integer
);

-- migrate:down
