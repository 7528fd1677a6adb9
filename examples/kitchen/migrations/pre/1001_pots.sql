-- migrate:up

create table pots (
    cook    text primary key,
    egg     uuid,
    done_at timestamptz
);

-- migrate:down
