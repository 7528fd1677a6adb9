-- migrate:up

-- Whether guessing goes on all over the place, and since when: one row, `overall`.
create table alarms (
    name  text        primary key,
    since timestamptz
);

create type alarm_row as (
    name  text,
    since timestamptz
);

-- migrate:down
