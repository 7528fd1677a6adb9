-- migrate:up

-- What payments gave, one row a grant. The primary key makes a grant one, however often and in whatever order it and its
-- revocation are heard; so a row stays for ever. A revocation that came first stands alone until its grant is heard.
create table grants (
    id           uuid        primary key,
    player_id    bigint      not null,
    paid_energy  integer     not null check (paid_energy >= 0),
    saver_tokens integer     not null check (saver_tokens >= 0),
    duel_tickets integer     not null check (duel_tickets >= 0),
    mode_hours   integer     not null check (mode_hours >= 0),
    granted_at   timestamptz,
    revoked_at   timestamptz,
    check (granted_at is not null or revoked_at is not null)
);

-- How a grant is handed over to be saved (see player_row).
create type grant_row as (
    id           uuid,
    player_id    bigint,
    paid_energy  integer,
    saver_tokens integer,
    duel_tickets integer,
    mode_hours   integer,
    granted_at   timestamptz,
    revoked_at   timestamptz
);

-- Premium is payments' from here on: the version of the terms in premium_terms, 0 for those given before.
alter table players add column premium_version integer not null default 0;

-- player_row with premium_version at its end; player_row stays for code that runs while this is applied.
create type player_row_2 as (
    id                  bigint,
    name                text,
    language            text,
    joined_at           timestamptz,
    energy_free         integer,
    energy_paid         integer,
    energy_anchor       timestamptz,
    energy_topped_up_on date,
    streak_days         integer,
    streak_best         integer,
    streak_active_on    date,
    streak_settled_on   date,
    streak_bridged_on   date,
    streak_freeze_week  date,
    saver_tokens        integer,
    duel_tickets        integer,
    daily_push          boolean,
    daily_reminder      boolean,
    streak_reminder     boolean,
    answered            integer,
    right_answers       integer,
    right_today         integer,
    right_today_day     date,
    game_mode           text,
    game_round_id       uuid,
    game_answered       integer,
    game_right          integer,
    daily_day           date,
    daily_answered      integer,
    daily_right         integer,
    daily_total_ms      integer,
    daily_round_id      uuid,
    daily_asked_at      timestamptz,
    daily_is_current    boolean,
    premium_terms       json,
    modes               json,
    premium_version     integer
);

-- migrate:down
