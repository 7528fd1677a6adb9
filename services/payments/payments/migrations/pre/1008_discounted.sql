-- migrate:up transaction:false

-- What promo asks for: purchases with a discount by the time of their last change.
create index concurrently purchases_discounted on purchases (changed_at, id) where redemption_id is not null;

-- migrate:down
