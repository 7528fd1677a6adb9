-- migrate:up

-- What was published, kept 72 hours by services whose word must not be lost with NATS' disk (`keeps_sent`), for
-- admin.<service>.outbox.republish. `refused`: a full mailbox did not take it, so it was said to nobody.
-- The milliseconds that `batch` begins with are its time: the primary key alone finds what is old.
create table outbox_sent (
    batch    bigint   not null,
    position integer  not null,
    subject  text     not null,
    headers  bytea    not null,
    body     bytea    not null,
    refused  boolean  not null,
    primary key (batch, position)
);

-- migrate:down
