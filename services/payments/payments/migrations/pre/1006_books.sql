-- migrate:up

-- Every comparison of what we granted with what gameplay holds; what an operator was promised, or a schedule fired.
create table goods_runs (
    id          uuid        primary key,
    is_full     boolean     not null,
    started_at  timestamptz not null,
    finished_at timestamptz,
    looked_at   integer     not null default 0,
    repairs     json        not null default '[]',
    repaired    integer     not null default 0,
    diffs       json        not null default '[]',
    diff_count  integer     not null default 0,
    -- Why gameplay's side is not known: such a run compared nothing, or not all.
    unanswered  text        not null default '',
    check (diff_count >= 0 and repaired >= 0)
);
create index goods_runs_recent on goods_runs (started_at desc);

-- Grants that a person has looked at: they stay as they are, and are compared no more.
create table goods_acknowledged (
    grant_id uuid        primary key,
    note     text        not null,
    at       timestamptz not null
);

-- When premium last changed: what a comparison of what changed looks at. Code that runs while this is applied leaves it
-- alone; the full comparison looks at everybody.
alter table customers add column premium_changed_at timestamptz;
create index customers_premium_changed on customers (premium_changed_at) where premium_changed_at is not null;

-- Those who ever had premium: few among all, and all of them are compared every night.
create index customers_premium on customers (player_id) where premium_revision > 0;

-- customer_row with premium_changed_at at its end; customer_row stays for code that runs while this is applied.
create type customer_row_2 as (
    player_id          bigint,
    premium_revision   integer,
    premium_grants     json,
    premium_terms      json,
    savers             json,
    premium_changed_at timestamptz
);

-- migrate:down
