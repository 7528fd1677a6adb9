-- migrate:up

-- What players had answered before a link of theirs was heard of.
alter table members
    add column early_answered     integer not null default 0,
    add column early_twentieth_at timestamptz,
    add column early_days         text    not null default '[]';

create type member_row_2 as (
    player_id          bigint,
    joined_at          timestamptz,
    invited_by         bigint,
    code               text,
    starts             text,
    early_answered     integer,
    early_twentieth_at timestamptz,
    early_days         text
);

-- migrate:down
