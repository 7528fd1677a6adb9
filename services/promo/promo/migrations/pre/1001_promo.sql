-- migrate:up

-- What codes give, to whom, when, how often (DOMAIN §7). A campaign's lock makes the uses of its codes follow one another.
create table campaigns (
    name                text        primary key check (name ~ '^[A-Za-z0-9_-]{1,64}$'),
    type                text        not null check (type in ('PREMIUM_GRANT', 'PERCENT_DISCOUNT')),
    scope               text        not null,
    premium_days        integer     not null,
    percent             integer     not null,
    valid_from          timestamptz not null,
    valid_until         timestamptz check (valid_until > valid_from),
    uses_max            integer     check (uses_max > 0),
    uses_per_code_max   integer     check (uses_per_code_max > 0),
    new_players_only    boolean     not null,
    first_purchase_only boolean     not null,
    is_public           boolean     not null,
    budget              integer     check (budget > 0),
    budget_unit         text        check (budget_unit in ('USES', 'STARS')),
    budget_period       text        check (budget_period in ('DAY', 'WEEK', 'MONTH')),
    budget_begins       date,
    budget_spent        integer     not null,
    status              text        not null check (status in ('ACTIVE', 'PAUSED', 'EXPIRED', 'DEPLETED')),
    used                integer     not null check (used >= 0),
    reserved            integer     not null check (reserved >= 0),
    overrun             integer     not null check (overrun >= 0),
    created_at          timestamptz not null,
    check ((type = 'PREMIUM_GRANT') = (premium_days in (7, 30, 90))),
    check ((type = 'PERCENT_DISCOUNT') = (percent between 1 and 90)),
    check ((budget is null) = (budget_unit is null) and (budget is null) = (budget_period is null)),
    -- N uses never become N+1, but for money that came late, which says so.
    check (used + reserved <= uses_max + overrun)
) with (fillfactor = 70);

-- How a campaign is handed over to be saved; columns of later migrations get a type of their own.
create type campaign_row as (
    name                text,
    type                text,
    scope               text,
    premium_days        integer,
    percent             integer,
    valid_from          timestamptz,
    valid_until         timestamptz,
    uses_max            integer,
    uses_per_code_max   integer,
    new_players_only    boolean,
    first_purchase_only boolean,
    is_public           boolean,
    budget              integer,
    budget_unit         text,
    budget_period       text,
    budget_begins       date,
    budget_spent        integer,
    status              text,
    used                integer,
    reserved            integer,
    overrun             integer,
    created_at          timestamptz
);

create index campaigns_by_age on campaigns (created_at desc, name);

-- Codes that were made or imported together.
create table batches (
    id         uuid        primary key,
    campaign   text        not null references campaigns,
    codes      integer     not null check (codes > 0),
    made_at    timestamptz not null,
    revoked_at timestamptz
);

create type batch_row as (
    id         uuid,
    campaign   text,
    codes      integer,
    made_at    timestamptz,
    revoked_at timestamptz
);

-- A code is nowhere: only its HMAC under the pepper that was the newest when it was made, and its first characters.
create table codes (
    id          uuid    primary key,
    fingerprint bytea   not null unique check (length(fingerprint) = 32),
    hint        text    not null check (length(hint) between 1 and 3),
    campaign    text    not null references campaigns,
    batch_id    uuid    not null references batches,
    player_id   bigint,
    used        integer not null default 0 check (used >= 0),
    reserved    integer not null default 0 check (reserved >= 0)
) with (fillfactor = 80);

create index codes_of_batch on codes (batch_id);

create type code_row as (
    id       uuid,
    used     integer,
    reserved integer
);

-- One row a player who ever typed a code, joined, or bought.
create table redeemers (
    player_id     bigint        primary key,
    joined_at     timestamptz,
    has_bought    boolean       not null,
    failures      timestamptz[] not null,
    blocked_until timestamptz
) with (fillfactor = 80);

create type redeemer_row as (
    player_id     bigint,
    joined_at     timestamptz,
    has_bought    boolean,
    failures      timestamptz[],
    blocked_until timestamptz
);

create table redemptions (
    id         uuid        primary key,
    player_id  bigint      not null,
    code_id    uuid        not null references codes,
    batch_id   uuid        not null,
    campaign   text        not null,
    state      text        not null check (state in ('RESERVED', 'APPLIED', 'APPLIED_LATE', 'EXPIRED', 'REVOKED')),
    made_at    timestamptz not null,
    changed_at timestamptz not null
);

-- One use per player and code, and per player and batch, whatever a handler thinks.
create unique index redemptions_once_a_code on redemptions (player_id, code_id) where state in ('RESERVED', 'APPLIED');
create unique index redemptions_once_a_batch on redemptions (player_id, batch_id) where state in ('RESERVED', 'APPLIED');
create index redemptions_of_player on redemptions (player_id);
create index redemptions_of_campaign on redemptions (campaign, state);

create type redemption_row as (
    id         uuid,
    player_id  bigint,
    code_id    uuid,
    batch_id   uuid,
    campaign   text,
    state      text,
    made_at    timestamptz,
    changed_at timestamptz
);

-- Every code that was typed and what came of it, kept for the guard and the dashboard.
create table attempts (
    id         bigint      generated always as identity primary key,
    at         timestamptz not null,
    player_id  bigint      not null,
    result     text        not null,
    is_failure boolean     not null,
    code_id    uuid,
    campaign   text
);

create index attempts_by_time on attempts (at, result);
create index attempts_failed on attempts (at) include (player_id, code_id) where is_failure;

create type attempt_row as (
    at         timestamptz,
    player_id  bigint,
    result     text,
    is_failure boolean,
    code_id    uuid,
    campaign   text
);

-- migrate:down
