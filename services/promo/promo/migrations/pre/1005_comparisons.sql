-- migrate:up

-- Until when payments' purchases have been compared with the redemptions: one row, `purchases`.
create table comparisons (
    name  text        primary key,
    until timestamptz
);

create type comparison_row as (
    name  text,
    until timestamptz
);

-- migrate:down
