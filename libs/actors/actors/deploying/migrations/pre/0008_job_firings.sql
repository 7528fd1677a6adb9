-- migrate:up

-- Firings that wait to be heard again: one for each job and body. Any other one like it is done with the same run.
-- `failed`: the job itself waits, for so long as a provider asked for, and no other firing of it may run before.
create table job_firings (
    job     text        not null,
    body    bytea       not null,
    firing  text        not null,
    since   timestamptz not null,
    seconds real        not null,
    failed  boolean     not null,
    primary key (job, body)
);

-- migrate:down
