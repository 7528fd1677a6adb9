-- migrate:up transaction:false

-- For retention and for how updates fare, as inbox_by_time is for the inbox.
create index concurrently updates_by_time on updates (received_at);

-- migrate:down
