-- migrate:up

-- One row a round; the attempt lives on it, so the primary key allows a round one attempt. Ids begin with their time:
-- the primary key grows at its end, and a span of time is a span of ids. A turn begins many rounds side by side and
-- another answers them all: half of each page is kept for the second versions, so that no answer touches the index.
create table rounds (
    id            uuid        primary key,
    player_id     bigint      not null,
    mode          text        not null,
    question_id   text        not null,
    option_order  smallint    not null check (option_order between 0 and 23),
    number        integer     not null,
    status        text        not null check (status in ('STARTED', 'COMPLETED', 'ABANDONED')),
    started_at    timestamptz not null,
    daily_day     date,
    chosen        smallint    check (chosen between 0 and 3),
    is_right      boolean,
    response_ms   integer,
    answered_at   timestamptz,
    berlin_day    date,
    raised_streak boolean,
    check ((status = 'COMPLETED') = (chosen is not null))
) with (fillfactor = 45);

-- How a round is handed over to be saved (see player_row).
create type round_row as (
    id            uuid,
    player_id     bigint,
    mode          text,
    question_id   text,
    option_order  smallint,
    number        integer,
    status        text,
    started_at    timestamptz,
    daily_day     date,
    chosen        smallint,
    is_right      boolean,
    response_ms   integer,
    answered_at   timestamptz,
    berlin_day    date,
    raised_streak boolean
);

-- One row a player and Berlin day with an answer.
create table scores (
    day           date    not null,
    player_id     bigint  not null,
    right_answers integer not null,
    answers       integer not null,
    total_ms      bigint  not null,
    primary key (day, player_id)
) with (fillfactor = 45);

-- One run a player and Berlin day: the primary key guarantees it.
create table daily_runs (
    day           date        not null,
    player_id     bigint      not null,
    started_at    timestamptz not null,
    finished_at   timestamptz,
    right_answers integer,
    total_ms      integer,
    primary key (day, player_id)
);
create index daily_runs_standing on daily_runs (day, right_answers desc, total_ms) where finished_at is not null;

-- Up to which round id the sweep has closed what nobody answered.
create table sweeps (
    name    text        primary key,
    done_to timestamptz not null
);

-- migrate:down
