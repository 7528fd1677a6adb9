-- migrate:up

-- Of which change of a payout the partner was told last: what is older is told no more.
alter table partnerships add column payout_told_at timestamptz;

create type partnership_row_2 as (
    player_id      bigint,
    revision       integer,
    payout_told_at timestamptz
);

-- migrate:down
