-- migrate:up transaction:false

-- Whom operators look for by what they are called. Neither name changes with a tap.
create index concurrently chats_by_username on chats (lower(username) text_pattern_ops) where username <> '';

-- migrate:down
