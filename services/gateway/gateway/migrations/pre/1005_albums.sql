-- migrate:up

-- The newest album of pictures of a player: its messages come one by one and are one message together.
alter table chats add column album text not null default '';

-- migrate:down
