-- migrate:up

-- When an operator let a campaign go on: the guard's findings of before are done with.
alter table campaigns add column resumed_at timestamptz;

create type campaign_row_2 as (
    name                text,
    type                text,
    scope               text,
    premium_days        integer,
    percent             integer,
    valid_from          timestamptz,
    valid_until         timestamptz,
    uses_max            integer,
    uses_per_code_max   integer,
    new_players_only    boolean,
    first_purchase_only boolean,
    is_public           boolean,
    budget              integer,
    budget_unit         text,
    budget_period       text,
    budget_begins       date,
    budget_spent        integer,
    status              text,
    used                integer,
    reserved            integer,
    overrun             integer,
    created_at          timestamptz,
    resumed_at          timestamptz
);

-- migrate:down
