-- migrate:up

-- Every third qualified referral of a player is a slot.
create table slots (
    player_id    bigint      not null,
    number       integer     not null check (number > 0),
    state        text        not null check (
        state in ('HELD', 'AVAILABLE', 'DEFERRED_LIMIT', 'CLAIMED', 'LOST', 'TAKEN_BACK')
    ),
    qualified_at timestamptz not null,
    changed_at   timestamptz not null,
    choice       text        check (choice in ('MEGA_PACK_15', 'PREMIUM_STARTER')),
    claimed_at   timestamptz,
    claimed_on   date,
    grant_id     uuid        unique,
    primary key (player_id, number),
    check ((state in ('CLAIMED', 'TAKEN_BACK')) = (grant_id is not null)),
    check ((grant_id is null) = (choice is null) and (grant_id is null) = (claimed_at is null)),
    check ((claimed_at is null) = (claimed_on is null)),
    check (claimed_at >= qualified_at + interval '48 hours')
) with (fillfactor = 80);

create index slots_waiting on slots (state, qualified_at) where state in ('HELD', 'DEFERRED_LIMIT');

create type slot_row as (
    player_id    bigint,
    number       integer,
    state        text,
    qualified_at timestamptz,
    changed_at   timestamptz,
    choice       text,
    claimed_at   timestamptz,
    claimed_on   date,
    grant_id     uuid
);

-- What was given, under the id that payments has it under. Of a slot, and as an invited player's bonus, one stands.
create table gifts (
    id            uuid        primary key,
    player_id     bigint      not null,
    number        integer     check (number > 0),
    choice        text        check (choice in ('MEGA_PACK_15', 'PREMIUM_STARTER')),
    given_at      timestamptz not null,
    changed_at    timestamptz not null,
    taken_back_at timestamptz,
    check ((number is null) = (choice is null))
) with (fillfactor = 80);

create unique index gifts_of_slot on gifts (player_id, coalesce(number, 0)) where taken_back_at is null;
create index gifts_by_change on gifts (changed_at, id);

create type gift_row as (
    id            uuid,
    player_id     bigint,
    number        integer,
    choice        text,
    given_at      timestamptz,
    changed_at    timestamptz,
    taken_back_at timestamptz
);

-- Until when gifts have been compared with payments' books.
create table comparisons (
    name  text        primary key,
    until timestamptz
);

create type comparison_row as (
    name  text,
    until timestamptz
);

-- migrate:down
