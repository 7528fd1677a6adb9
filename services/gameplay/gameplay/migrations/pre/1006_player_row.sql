-- migrate:up

-- How a player is handed over to be saved, in the order of the fields of `Player` (see player_row).
create type player_row_3 as (
    id                  bigint,
    energy_free         integer,
    energy_paid         integer,
    energy_anchor       timestamptz,
    energy_topped_up_on date,
    name                text,
    language            text,
    joined_at           timestamptz,
    streak_days         integer,
    streak_best         integer,
    streak_active_on    date,
    streak_settled_on   date,
    streak_bridged_on   date,
    streak_freeze_week  date,
    premium_terms       json,
    premium_version     integer,
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
    modes               json
);

-- migrate:down
