-- migrate:up

-- updates_by_time has taken its place.
drop index updates_received_at;

-- migrate:down
