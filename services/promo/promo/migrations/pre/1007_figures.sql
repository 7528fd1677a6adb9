-- migrate:up

-- How many attempts and discounts there are, in buckets of ten minutes: the dashboard adds these up and counts only what
-- is before the first whole bucket and after the last one. Triggers count in the transaction that writes, so the figures
-- are exact at any moment, whichever build writes. Rows are taken in one order, and last in a turn: two replicas wait
-- for each other for the length of a commit, and never in a circle.
create table attempt_counts (
    bucket   timestamptz,
    result   text,
    attempts bigint not null,
    primary key (bucket, result)
) with (fillfactor = 70);

-- Discounts by when they were reserved, and by what became of them.
create table discount_counts (
    bucket    timestamptz,
    state     text,
    discounts bigint not null,
    primary key (bucket, state)
) with (fillfactor = 70);

create function count_attempts() returns trigger language plpgsql set search_path from current as $$
begin
    insert into attempt_counts (bucket, result, attempts)
    select date_bin('10 minutes', at, timestamptz 'epoch'), result, count(*) from added group by 1, 2 order by 1, 2
    on conflict (bucket, result) do update set attempts = attempt_counts.attempts + excluded.attempts;
    return null;
end
$$;

create function count_new_discounts() returns trigger language plpgsql set search_path from current as $$
begin
    insert into discount_counts (bucket, state, discounts)
    select date_bin('10 minutes', made_at, timestamptz 'epoch'), state, count(*) from added
    where percent > 0 group by 1, 2 order by 1, 2
    on conflict (bucket, state) do update set discounts = discount_counts.discounts + excluded.discounts;
    return null;
end
$$;

create function count_changed_discounts() returns trigger language plpgsql set search_path from current as $$
begin
    insert into discount_counts (bucket, state, discounts)
    select date_bin('10 minutes', made_at, timestamptz 'epoch'), state, sum(change) from (
        select made_at, state, 1 as change from changed where percent > 0
        union all
        select made_at, state, -1 from old where percent > 0
    ) as moves
    group by 1, 2 having sum(change) <> 0 order by 1, 2
    on conflict (bucket, state) do update set discounts = discount_counts.discounts + excluded.discounts;
    return null;
end
$$;

-- From here to the end of the migration nobody writes: what is there is counted once.
lock table attempts, redemptions in share row exclusive mode;

create trigger attempts_counted after insert on attempts
    referencing new table as added for each statement execute function count_attempts();
create trigger discounts_counted after insert on redemptions
    referencing new table as added for each statement execute function count_new_discounts();
create trigger discounts_recounted after update on redemptions
    referencing old table as old new table as changed for each statement execute function count_changed_discounts();

insert into attempt_counts (bucket, result, attempts)
select date_bin('10 minutes', at, timestamptz 'epoch'), result, count(*) from attempts group by 1, 2;

insert into discount_counts (bucket, state, discounts)
select date_bin('10 minutes', made_at, timestamptz 'epoch'), state, count(*) from redemptions
where percent > 0 group by 1, 2;

-- migrate:down
