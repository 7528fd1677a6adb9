-- migrate:up

-- The alerts of one event and key, of which the last one is here.
create table alerts (
    fingerprint      text        primary key,
    event            text        not null,
    key              text        not null,
    service          text        not null,
    episode          integer     not null,
    state            text        not null check (state in ('OPEN', 'ACKED', 'RESOLVED')),
    severity         text        not null,
    channels         text        not null,
    chain            text        not null,
    escalate_after_s integer,
    step             integer     not null,
    count            integer     not null,
    first_at         timestamptz,
    last_at          timestamptz,
    cleared_at       timestamptz,
    is_told          boolean     not null,
    is_owed          boolean     not null,
    escalates_at     timestamptz,
    repeats_at       timestamptz,
    lapses_at        timestamptz,
    ends_at          timestamptz,
    looked_at_next   timestamptz,
    acked_by         text,
    resolved_at      timestamptz,
    resolved_by      text,
    summary          text        not null,
    figures          text        not null,
    runbook          text
) with (fillfactor = 80);

create index alerts_to_look_at on alerts (looked_at_next) where state <> 'RESOLVED';
create index alerts_owed on alerts (fingerprint) where is_owed;
create index alerts_open on alerts (event, service) where state <> 'RESOLVED';
create index alerts_resolved on alerts (resolved_at) where state = 'RESOLVED';

create type alert_row as (
    fingerprint      text,
    event            text,
    key              text,
    service          text,
    episode          integer,
    state            text,
    severity         text,
    channels         text,
    chain            text,
    escalate_after_s integer,
    step             integer,
    count            integer,
    first_at         timestamptz,
    last_at          timestamptz,
    cleared_at       timestamptz,
    is_told          boolean,
    is_owed          boolean,
    escalates_at     timestamptz,
    repeats_at       timestamptz,
    lapses_at        timestamptz,
    ends_at          timestamptz,
    looked_at_next   timestamptz,
    acked_by         text,
    resolved_at      timestamptz,
    resolved_by      text,
    summary          text,
    figures          text,
    runbook          text
);

-- What happened to alerts, line by line.
create table history (
    number   bigint      generated always as identity primary key,
    alert_id text        not null,
    at       timestamptz not null,
    what     text        not null,
    by       text        not null,
    note     text        not null
);

create index history_by_alert on history (alert_id, number);
create index history_by_time on history (at);

-- Each notice for each channel; written by the turn that wants it, and by whoever brings it there.
create table deliveries (
    number     bigint      generated always as identity primary key,
    notice_id  uuid        not null,
    channel    text        not null,
    alert_id   text        not null,
    kind       text        not null,
    notice     text        not null,
    state      text        not null default 'WAITING'
        check (state in ('WAITING', 'DELIVERED', 'REFUSED', 'GIVEN_UP')),
    attempts   integer     not null default 0,
    is_alone   boolean     not null default false,
    created_at timestamptz not null,
    due_at     timestamptz not null,
    ended_at   timestamptz,
    error      text        not null default '',
    unique (notice_id, channel)
) with (fillfactor = 70);

create index deliveries_waiting on deliveries (channel, number) where state = 'WAITING';
create index deliveries_waiting_of_alert on deliveries (channel, alert_id, number) where state = 'WAITING';
create index deliveries_by_alert on deliveries (alert_id, number);
create index deliveries_by_time on deliveries (created_at);

-- When each channel was called last, by whichever process.
create table calls (
    channel   text        primary key,
    called_at timestamptz not null
);

create table silences (
    silence_id  uuid        primary key,
    event       text        not null,
    key_pattern text        not null,
    key_like    text        not null,
    begins_at   timestamptz not null,
    ends_at     timestamptz not null check (ends_at <= begins_at + interval '7 days'),
    author      text        not null,
    reason      text        not null
);

create index silences_by_end on silences (ends_at);

-- A service's jobs, and how their last runs went.
create table job_books (
    service text primary key,
    jobs    text not null
);

create type job_book_row as (
    service text,
    jobs    text
);

-- migrate:down
