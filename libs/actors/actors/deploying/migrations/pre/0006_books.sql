-- migrate:up

-- Current state told again as events for one hearer: how far it has come. The cursor moves when a page is on the stream,
-- so that whoever goes on after a crash begins with that page again, under the same message ids.
create table restatements (
    id              uuid        primary key,
    request_id      text        not null unique,
    hearer          text        not null,
    what            text        not null,
    operator        text        not null,
    rows_per_second integer     not null check (rows_per_second > 0),
    state           text        not null default 'running' check (state in ('running', 'stopped', 'done')),
    cursor          text,
    told            bigint      not null default 0,
    skipped         bigint      not null default 0,
    total           bigint,
    error           text        not null default '',
    started_at      timestamptz not null,
    due_at          timestamptz not null,
    finished_at     timestamptz
);
-- One at a time for a hearer.
create unique index restatements_running on restatements (hearer, what) where state = 'running';
create index restatements_due on restatements (due_at) where state = 'running';
create index restatements_recent on restatements (started_at desc);

-- migrate:down
