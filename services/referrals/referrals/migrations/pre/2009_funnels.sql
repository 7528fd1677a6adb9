-- migrate:up

-- What became of the players whom the biggest partners brought, as a job counted it last: too many to count for a page.
create table funnels (
    player_id   bigint      primary key,
    starts      integer     not null,
    answered_20 integer     not null,
    payers      integer     not null,
    counted_at  timestamptz not null
);

-- migrate:down
