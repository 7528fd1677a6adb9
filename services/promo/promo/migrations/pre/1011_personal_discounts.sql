-- migrate:up

-- A discount of an offer is a redemption without a code: for the player alone, for as long as was promised.
alter table redemptions
    alter column code_id drop not null,
    alter column batch_id drop not null,
    alter column campaign drop not null,
    add column promised_until timestamptz,
    add constraint redemptions_of_a_code_or_promised
        check ((code_id is null) = (promised_until is not null)) not valid;
alter table redemptions validate constraint redemptions_of_a_code_or_promised;

create type redemption_row_4 as (
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
    heard_at       timestamptz,
    budget_share   integer,
    budget_begins  date,
    stars_off      integer,
    promised_until timestamptz
);

-- migrate:down
