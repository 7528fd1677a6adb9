-- migrate:up

-- One row a player: what one decision about their game needs. Nearly every tap updates it, so pages keep room for
-- new versions and no index covers a column that changes: updates stay within their page (HOT).
create table players (
    id                  bigint      primary key,
    name                text        not null,
    language            text        not null,
    joined_at           timestamptz not null,
    energy_free         integer     not null check (energy_free between 0 and 20),
    energy_paid         integer     not null check (energy_paid >= 0),
    energy_anchor       timestamptz not null,
    energy_topped_up_on date        not null,
    streak_days         integer     not null check (streak_days >= 0),
    streak_best         integer     not null check (streak_best >= streak_days),
    streak_active_on    date,
    streak_settled_on   date,
    streak_bridged_on   date,
    streak_freeze_week  date,
    saver_tokens        integer     not null check (saver_tokens >= 0),
    duel_tickets        integer     not null check (duel_tickets >= 0),
    daily_push          boolean     not null,
    daily_reminder      boolean     not null,
    streak_reminder     boolean     not null,
    answered            integer     not null,
    right_answers       integer     not null,
    right_today         integer     not null,
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
    premium_terms       json        not null,
    modes               json        not null
) with (fillfactor = 45, autovacuum_vacuum_scale_factor = 0.05);

-- How a player is handed over to be saved: one array of rows is much cheaper to send than an array for each column.
-- A column that is added to the table later is added to a new type beside this one, for running code knows this one.
create type player_row as (
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
    modes               json
);

-- Everything of value that came and went, but free energy (which follows from the rules).
create table journal (
    id        bigint      generated always as identity primary key,
    cause     text        not null,
    asset     text        not null,
    player_id bigint      not null,
    amount    integer     not null check (amount <> 0),
    reason    text        not null,
    at        timestamptz not null,
    unique (cause, asset)
);
create index journal_player on journal (player_id, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: corrections are new entries', tg_table_name;
end
$$;
create trigger journal_append_only before update or delete or truncate on journal
    for each statement execute function refuse_change();

-- migrate:down
