-- migrate:up

-- Where the newest message with a purchase's invoice stands, so that an older one can go. Kept 2 days.
create table invoices (
    purchase_id uuid        primary key,
    message_id  bigint      not null,
    sent_at     timestamptz
);
create index invoices_sent_at on invoices (sent_at);

-- migrate:down
