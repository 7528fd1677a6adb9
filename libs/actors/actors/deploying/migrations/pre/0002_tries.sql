-- migrate:up

-- Tries of messages that failed or were delivered again; a message that goes well at once leaves no row.
-- `under_way` without a living process means that the process ended while it handled the message.
create table tries (
    message_id text        primary key,
    tries      integer     not null,
    under_way  boolean     not null,
    at         timestamptz not null
);

-- migrate:down
