-- migrate:up

-- The revision of referrals' word by which a player is a partner or none; the role itself is the chat's.
create table partnerships (
    player_id bigint  primary key,
    revision  integer not null
);

create type partnership_row as (
    player_id bigint,
    revision  integer
);

-- migrate:down
