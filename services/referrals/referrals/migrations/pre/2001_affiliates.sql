-- migrate:up

-- Who would earn, and who does. `terms` is what purchases earn since when; the purse is what the ledger's entries of
-- their accounts add up to (ledger_post), written by the turn that books.
create table partners (
    player_id       bigint      primary key,
    state           text        not null check (state in ('APPLIED', 'APPROVED', 'REJECTED', 'BANNED')),
    applied_at      timestamptz not null,
    changed_at      timestamptz not null,
    revision        integer     not null check (revision >= 0),
    note            text        not null,
    terms           text        not null,
    held_since      timestamptz,
    open_payout     uuid,
    purse_pending   bigint      not null check (purse_pending >= 0),
    purse_payable   bigint      not null,
    purse_in_payout bigint      not null check (purse_in_payout >= 0),
    purse_paid      bigint      not null check (purse_paid >= 0)
) with (fillfactor = 80);
create index partners_recent on partners (changed_at desc);

create type partner_row as (
    player_id       bigint,
    state           text,
    applied_at      timestamptz,
    changed_at      timestamptz,
    revision        integer,
    note            text,
    terms           text,
    held_since      timestamptz,
    open_payout     uuid,
    purse_pending   bigint,
    purse_payable   bigint,
    purse_in_payout bigint,
    purse_paid      bigint
);

-- Purchases as commissions see them: every one that was credited or went back, for who brought the buyer may be heard of
-- later. Facts only grow; a commission is one purchase's.
create table sales (
    purchase_id  uuid        primary key,
    player_id    bigint      not null,
    stars        bigint      not null check (stars >= 0),
    credited_at  timestamptz,
    refunded_at  timestamptz,
    is_telegrams boolean     not null,
    state        text        not null check (state in ('NONE', 'PENDING', 'PAYABLE', 'TAKEN_BACK')),
    partner_id   bigint      check (partner_id <> player_id),
    per_mille    integer     not null check (per_mille between 0 and 1000),
    commission   bigint      not null,
    check ((state = 'NONE') = (partner_id is null)),
    check (commission = stars * per_mille / 1000)
) with (fillfactor = 80);
create index sales_of_partner on sales (partner_id, credited_at) where partner_id is not null;
create index sales_of_player on sales (player_id);
create index sales_unclaimed on sales (credited_at, purchase_id)
    where state = 'NONE' and credited_at is not null and refunded_at is null and not is_telegrams;
create index sales_pending on sales (credited_at, purchase_id) where state = 'PENDING';

create type sale_row as (
    purchase_id  uuid,
    player_id    bigint,
    stars        bigint,
    credited_at  timestamptz,
    refunded_at  timestamptz,
    is_telegrams boolean,
    state        text,
    partner_id   bigint,
    per_mille    integer,
    commission   bigint
);

-- One open a partner.
create table payouts (
    payout_id    uuid        primary key,
    player_id    bigint      not null,
    kind         text        not null check (kind in ('PREMIUM_GIFT', 'EXTERNAL')),
    stars        bigint      not null check (stars >= 1000),
    months       integer     not null,
    state        text        not null check (
        state in ('REQUESTED', 'APPROVED', 'SENDING', 'SENT', 'FAILED', 'CANCELED')
    ),
    requested_at timestamptz not null,
    changed_at   timestamptz not null,
    approved_at  timestamptz,
    reference    text        not null,
    reason       text        not null,
    check (kind = 'EXTERNAL' or (months, stars) in ((3, 1000), (6, 1500), (12, 2500))),
    check (kind = 'PREMIUM_GIFT' or months = 0),
    check (state not in ('APPROVED', 'SENDING', 'SENT') or approved_at is not null),
    check (kind <> 'EXTERNAL' or state <> 'SENT' or reference <> '')
) with (fillfactor = 80);
create unique index payouts_one_open on payouts (player_id) where state in ('REQUESTED', 'APPROVED', 'SENDING');
create unique index payouts_by_reference on payouts (reference) where reference <> '';
create index payouts_of_partner on payouts (player_id, requested_at desc);
create index payouts_open on payouts (requested_at) where state in ('REQUESTED', 'APPROVED', 'SENDING');

create type payout_row as (
    payout_id    uuid,
    player_id    bigint,
    kind         text,
    stars        bigint,
    months       integer,
    state        text,
    requested_at timestamptz,
    changed_at   timestamptz,
    approved_at  timestamptz,
    reference    text,
    reason       text
);

-- How far sales have been compared with payments.
create table sale_comparisons (
    name  text        primary key,
    until timestamptz
);

create type sale_comparison_row as (
    name  text,
    until timestamptz
);

-- migrate:down
