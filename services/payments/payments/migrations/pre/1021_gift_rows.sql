-- migrate:up transaction:false

-- Telegram's rows of Telegram Premium that was given, by whom it was given to.
create index concurrently provider_transactions_gifts on provider_transactions (player_id, at)
    where movement = 'PREMIUM_GIFT';

-- migrate:down
