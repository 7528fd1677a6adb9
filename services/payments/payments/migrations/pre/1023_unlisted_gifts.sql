-- migrate:up transaction:false

-- Gifts whose outcome is known and that Telegram's list has not, by when it was known.
create index concurrently telegram_gifts_unlisted on telegram_gifts (settled_at)
    where row_id is null and settled_at is not null;

-- migrate:down
