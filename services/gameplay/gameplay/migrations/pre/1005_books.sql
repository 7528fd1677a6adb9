-- migrate:up

-- When a grant was last written down here: what payments asks for when it compares what changed. Code that runs while
-- this is applied leaves it alone: a grant that it makes has the moment, one that it takes back keeps the earlier one.
alter table grants add column changed_at timestamptz;
alter table grants alter column changed_at set default now();
create index grants_changed on grants (changed_at);

-- grant_row with changed_at at its end; grant_row stays for code that runs while this is applied.
create type grant_row_2 as (
    id           uuid,
    player_id    bigint,
    paid_energy  integer,
    saver_tokens integer,
    duel_tickets integer,
    mode_hours   integer,
    granted_at   timestamptz,
    revoked_at   timestamptz,
    changed_at   timestamptz
);

-- Those of whose premium payments has told: few among all, and all of them are compared every night.
create index players_premium on players (id) where premium_version > 0;

-- migrate:down
