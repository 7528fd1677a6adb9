-- migrate:up

create table products (
    product  text     primary key,
    enabled  boolean  not null default true,
    position smallint not null check (position > 0)
);

-- Every price that ever was; the newest version of a product and currency counts.
create table prices (
    product    text        not null references products,
    currency   text        not null check (currency ~ '^[A-Z]{3}$'),
    version    integer     not null check (version > 0),
    amount     bigint      not null check (amount > 0),
    set_by     text        not null,
    valid_from timestamptz not null default now(),
    primary key (product, currency, version)
);

create function keep_price_history() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: a new price is a new version', tg_table_name;
end
$$;
create trigger prices_append_only before update or delete or truncate on prices
    for each statement execute function keep_price_history();

create table regions (
    region  text     primary key check (region <> ''),
    percent smallint not null check (percent between 1 and 1000)
);

-- Units for one euro, in millionths. The key begins with the currency: the newest of each is what is asked for.
create table reference_rates (
    currency   text        not null check (currency ~ '^[A-Z]{3}$'),
    day        date        not null,
    rate_micro bigint      not null check (rate_micro > 0),
    fetched_at timestamptz not null,
    primary key (currency, day)
);

create table quotes (
    id            uuid        primary key,
    player_id     bigint      not null,
    product       text        not null,
    currency      text        not null,
    region        text        not null,
    redemption_id uuid,
    base_amount   bigint      not null check (base_amount > 0),
    amount        bigint      not null check (amount > 0),
    price_version integer     not null,
    steps         json        not null,
    made_at       timestamptz not null,
    lapses_at     timestamptz not null check (lapses_at > made_at)
);
create index quotes_lapsed on quotes (lapses_at);

-- How a quote is handed over to be saved: one array of rows. A column that is added to the table later is added to a
-- new type beside this one, for running code knows this one.
create type quote_row as (
    id            uuid,
    player_id     bigint,
    product       text,
    currency      text,
    region        text,
    redemption_id uuid,
    base_amount   bigint,
    amount        bigint,
    price_version integer,
    steps         json,
    made_at       timestamptz,
    lapses_at     timestamptz
);

-- What promo said about a redemption; without a percentage while all that was heard is its release.
create table discounts (
    redemption_id  uuid        primary key,
    player_id      bigint      not null,
    percent        smallint    not null,
    products       text[]      not null,
    reserved_until timestamptz,
    held_at        timestamptz,
    released_at    timestamptz,
    purchase_id    uuid,
    used           boolean     not null,
    check (percent between 1 and 90 or (percent = 0 and held_at is null))
);

-- How a discount is handed over to be saved (see quote_row).
create type discount_row as (
    redemption_id  uuid,
    player_id      bigint,
    percent        smallint,
    products       text[],
    reserved_until timestamptz,
    held_at        timestamptz,
    released_at    timestamptz,
    purchase_id    uuid,
    used           boolean
);

-- migrate:down
