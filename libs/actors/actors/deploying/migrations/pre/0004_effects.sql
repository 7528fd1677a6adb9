-- migrate:up

-- What performing came to, written down when a result could not be heard at once: from then on the effect is not
-- performed again, only its results are heard again.
alter table effects add column result bytea;

-- Counted from now on: tries that failed or whose end nobody knows. So far it was how often an effect was put off.
update effects set attempts = 0 where attempts > 0;

-- Effects that were put off. Those never put off, nearly all, are not in it: writing an effect costs no more than before.
create index effects_postponed on effects (lane, batch, position) where due_at > created_at;

-- How the last holder of a bucket's lock left it. Who takes one that was not left in order waits until the last holder
-- must have noticed, and knows that what waits there may have been performed.
create table effect_buckets (
    bucket        smallint primary key,
    left_in_order boolean  not null
);
insert into effect_buckets (bucket, left_in_order) select bucket, true from generate_series(0, 63) as bucket;

-- migrate:down
