-- migrate:up

-- How invoices and rooms are handed over to be saved; a new column is a new type beside these.
create type invoice_row as (
    purchase_id uuid,
    message_id  bigint,
    sent_at     timestamptz,
    thread_id   bigint
);

create type room_row as (
    chat_id  bigint,
    told_at  timestamptz,
    moved_to bigint
);

-- migrate:down
