-- migrate:up transaction:false

-- What promo asks payments for: premium that codes gave, by its time.
create index concurrently grants_by_time on redemptions (made_at, id) where percent = 0;

-- migrate:down
