-- migrate:up

-- Messages that had their effect. The primary key is what makes a message heard twice have one effect.
create table inbox (
    id         text        primary key,
    handled_at timestamptz not null,
    reply      bytea
);
create index inbox_handled_at on inbox using brin (handled_at);

-- Messages on their way out. Written with the state they follow from, published after the commit, then deleted.
-- `batch` begins with the milliseconds of its turn, so that old leftovers are found by the primary key alone.
create table outbox (
    batch    bigint   not null,
    position integer  not null,
    subject  text     not null,
    headers  bytea    not null,
    body     bytea    not null,
    primary key (batch, position)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- What is to be done to the outside world. Lanes are hashed into buckets, each owned by one replica at a time.
create table effects (
    priority   smallint    not null,
    batch      bigint      not null,
    position   integer     not null,
    bucket     smallint    not null,
    lane       text        not null,
    kind       text        not null,
    body       bytea       not null,
    envelope   bytea       not null,
    created_at timestamptz not null,
    due_at     timestamptz not null,
    attempts   integer     not null default 0,
    primary key (priority, batch, position)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Messages that could not be handled for good, kept whole until somebody replays or drops them.
create table dead_letters (
    id          bigint      generated always as identity primary key,
    message_id  text        not null unique,
    type_name   text        not null,
    subject     text        not null,
    headers     bytea       not null,
    body        bytea       not null,
    error       text        not null,
    attempts    integer     not null,
    received_at timestamptz not null,
    state       text        not null default 'waiting' check (state in ('waiting', 'replayed', 'dropped')),
    resolved_at timestamptz,
    resolved_by text
);
create index dead_letters_waiting on dead_letters (id) where state = 'waiting';

-- Who did what by an admin door, with the answer that was given.
create table audit (
    id         bigint      generated always as identity primary key,
    request_id text        not null unique,
    operator   text        not null,
    subject    text        not null,
    request    jsonb       not null,
    answer     jsonb,
    at         timestamptz not null
);

-- migrate:down
