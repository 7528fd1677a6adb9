-- migrate:up transaction:false

-- For the dashboard: what was reserved before the first whole bucket of a window and after its last one.
create index concurrently discounts_by_time on redemptions (made_at, state) where percent > 0;

-- migrate:down
