-- migrate:up

-- inbox_by_time has taken its place.
drop index inbox_handled_at;

-- migrate:down
