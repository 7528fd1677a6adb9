-- migrate:up transaction:false

-- What referrals asks for: purchases in Stars that were ever credited, by the time of their last change.
create index concurrently purchases_star_sales on purchases (changed_at, id)
    where currency = 'XTR' and credited_at is not null;

-- migrate:down
