-- migrate:up transaction:false

-- What is old enough to be deleted.
create index concurrently purchases_by_age on purchases (coalesce(credited_at, refunded_at));

-- migrate:down
