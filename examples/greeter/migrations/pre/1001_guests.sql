-- migrate:up

create table guests (
    name  text primary key,
    times int  not null
);

-- migrate:down
