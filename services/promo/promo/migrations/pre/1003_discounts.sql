-- migrate:up

-- A discount is reserved until a time, or, when `reserved_until` is null, until the purchase that is being paid ends.
-- `heard_at` is the latest word of payments about it: words count by when they were said.
alter table redemptions
    add column percent        integer not null default 0,
    add column reserved_until timestamptz,
    add column purchase_id    uuid,
    add column heard_at       timestamptz;

create index redemptions_to_expire on redemptions (reserved_until) where state = 'RESERVED';

create type redemption_row_2 as (
    id             uuid,
    player_id      bigint,
    code_id        uuid,
    batch_id       uuid,
    campaign       text,
    state          text,
    made_at        timestamptz,
    changed_at     timestamptz,
    percent        integer,
    reserved_until timestamptz,
    purchase_id    uuid,
    heard_at       timestamptz
);

-- migrate:down
