-- migrate:up

-- Groups and channels: whether those who speak in their name were told to write in private, and which supergroup a
-- group has become (0 for none). Nobody plays in them.
create table rooms (
    chat_id  bigint      primary key,
    told_at  timestamptz,
    moved_to bigint      not null default 0
);

-- migrate:down
