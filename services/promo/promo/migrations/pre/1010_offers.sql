-- migrate:up

-- A player as offers see them: a projection of what gameplay and payments say, and what they were offered of late.
create table prospects (
    player_id         bigint      primary key,
    premium_revision  integer     not null,
    premium_rank      integer     not null,
    premium_ends      timestamptz,
    streak_days       integer     not null,
    streak_on         date,
    streak_is_played  boolean     not null,
    streak_active_on  date,
    purchases         text        not null,
    impressions       text        not null,
    mutes             text        not null,
    offered_at        timestamptz
) with (fillfactor = 70);

create type prospect_row as (
    player_id         bigint,
    premium_revision  integer,
    premium_rank      integer,
    premium_ends      timestamptz,
    streak_days       integer,
    streak_on         date,
    streak_is_played  boolean,
    streak_active_on  date,
    purchases         text,
    impressions       text,
    mutes             text,
    offered_at        timestamptz
);

-- Written before it is shown. One at most for whatever a player did.
create table impressions (
    id           uuid        primary key,
    player_id    bigint      not null,
    trigger      text        not null,
    surface      text        not null check (surface in ('start', 'empty', 'locked')),
    tap          text        not null,
    at           timestamptz not null,
    previous_at  timestamptz check (previous_at <= at),
    is_blocking  boolean     not null,
    is_withheld  boolean     not null,
    percent      integer     not null,
    clicked_at   timestamptz,
    dismissed_at timestamptz,
    muted_at     timestamptz,
    purchases    integer     not null check (purchases >= 0),
    unique (player_id, tap)
) with (fillfactor = 80);

create index impressions_by_time on impressions (at);
create index impressions_by_previous on impressions (previous_at, at) include (is_withheld)
    where previous_at is not null;

create type impression_row as (
    id           uuid,
    player_id    bigint,
    trigger      text,
    surface      text,
    tap          text,
    at           timestamptz,
    previous_at  timestamptz,
    is_blocking  boolean,
    is_withheld  boolean,
    percent      integer,
    clicked_at   timestamptz,
    dismissed_at timestamptz,
    muted_at     timestamptz,
    purchases    integer
);

-- Every purchase that payments ever credited, as far as promo has heard.
create table purchases (
    id            uuid        primary key,
    player_id     bigint      not null,
    product       text        not null,
    amount        integer     not null,
    currency      text        not null,
    credited_at   timestamptz,
    refunded_at   timestamptz,
    impression_id uuid,
    offered_at    timestamptz,
    is_withheld   boolean     not null
) with (fillfactor = 90);

create index purchases_after_offers on purchases (credited_at) include (offered_at, player_id, is_withheld, amount, currency)
    where refunded_at is null and offered_at is not null;

create type purchase_row as (
    id            uuid,
    player_id     bigint,
    product       text,
    amount        integer,
    currency      text,
    credited_at   timestamptz,
    refunded_at   timestamptz,
    impression_id uuid,
    offered_at    timestamptz,
    is_withheld   boolean
);

-- The figures of each hour, by when the impressions were: a dashboard adds up hours and looks at rows at its borders only.
create table offer_hours (
    hour        timestamptz not null,
    trigger     text        not null,
    is_withheld boolean     not null,
    impressions integer     not null,
    clicks      integer     not null,
    dismissals  integer     not null,
    conversions integer     not null,
    primary key (hour, trigger, is_withheld)
) with (fillfactor = 70);

create type offer_hour_row as (
    hour        timestamptz,
    trigger     text,
    is_withheld boolean,
    impressions integer,
    clicks      integer,
    dismissals  integer,
    conversions integer
);

-- How many impressions of an hour had their player's impression before in which hour: those with an earlier one than a
-- window's begin are its players, each counted once.
create table offer_reach (
    hour          timestamptz not null,
    previous_hour timestamptz not null,
    is_withheld   boolean     not null,
    impressions   integer     not null,
    primary key (hour, previous_hour, is_withheld)
) with (fillfactor = 70);

create type offer_reach_row as (
    hour          timestamptz,
    previous_hour timestamptz,
    is_withheld   boolean
);

-- migrate:down
