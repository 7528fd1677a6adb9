-- migrate:up

-- When a player was asked for a promo code and has done nothing else since: the next text is that code. The code itself
-- is never kept.
alter table chats add column code_asked_at timestamptz;

-- migrate:down
