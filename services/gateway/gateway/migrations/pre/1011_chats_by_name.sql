-- migrate:up transaction:false

create index concurrently chats_by_name on chats (lower(first_name) text_pattern_ops) where first_name <> '';

-- migrate:down
