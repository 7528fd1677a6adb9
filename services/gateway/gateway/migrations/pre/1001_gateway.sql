-- migrate:up

-- One row a player: language, role, limits, and the live game message of the private chat.
create table chats (
    player_id         bigint           primary key,
    language          text             not null default '',
    first_name        text             not null default '',
    username          text             not null default '',
    role              smallint         not null default 0 check (role between 0 and 3),
    blocked_at        timestamptz,
    tap_tokens        double precision not null,
    tapped_at         timestamptz,
    command_tokens    double precision not null,
    commanded_at      timestamptz,
    noticed_at        timestamptz,
    screen_message_id bigint           not null default 0,
    screen_round      uuid
) with (fillfactor = 70);

-- The update log: append only, kept 14 days.
create table updates (
    update_id   bigint      primary key,
    player_id   bigint      not null,
    chat_id     bigint      not null,
    kind        text        not null,
    command     text        not null default '',
    status      text        not null,
    error       text        not null default '',
    handler_ms  real        not null default 0,
    received_at timestamptz not null
);
create index updates_received_at on updates using brin (received_at);

-- One row: when the next message nobody asked for may leave, whichever replica sends it.
create table push_pace (
    one     boolean     primary key default true check (one),
    free_at timestamptz not null
);
insert into push_pace (free_at) values ('-infinity');

-- migrate:down
