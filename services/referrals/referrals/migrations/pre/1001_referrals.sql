-- migrate:up

-- A player as referrals know them. A code is one player's.
create table members (
    player_id  bigint      primary key,
    joined_at  timestamptz,
    invited_by bigint      check (invited_by <> player_id),
    code       text        unique check (code ~ '^[A-HJ-NP-Z2-9]{6}$'),
    starts     text        not null
) with (fillfactor = 80);

create index members_by_inviter on members (invited_by) where invited_by is not null;

create type member_row as (
    player_id  bigint,
    joined_at  timestamptz,
    invited_by bigint,
    code       text,
    starts     text
);

-- The link by which a player came: one row a player, so nobody is bound twice, and nobody by a link of their own.
create table referrals (
    player_id             bigint      primary key,
    kind                  text        not null check (kind in ('ref', 'duel', 'c', 's')),
    value                 text        not null check (value ~ '^[A-Za-z0-9_-]{1,60}$'),
    referrer_id           bigint,
    is_known              boolean     not null,
    touched_at            timestamptz not null,
    state                 text        not null check (
        state in ('WAITING', 'REFUSED', 'STARTED', 'QUALIFIED', 'CANCELED', 'REJECTED_FRAUD')
    ),
    refused               text        check (refused in ('not_new', 'own_link', 'unknown_link')),
    started_on            date,
    changed_at            timestamptz not null,
    score                 integer     not null check (score between 0 and 100),
    rule                  text        check (rule in ('reverse_pair', 'cycle', 'velocity')),
    verdict               text        check (verdict in ('FRAUD', 'CANCELED')),
    is_cleared            boolean     not null,
    left_at               timestamptz,
    lapsed_at             timestamptz,
    progress_answered     integer     not null check (progress_answered >= 0),
    progress_twentieth_at timestamptz,
    progress_days         text        not null,
    qualified_at          timestamptz,
    bonus_at              timestamptz,
    returned_day_1        boolean     not null,
    returned_day_7        boolean     not null,
    returned_day_30       boolean     not null,
    check ((state in ('WAITING', 'REFUSED')) = (started_on is null)),
    check ((state = 'REFUSED') = (refused is not null)),
    check (started_on is null or referrer_id <> player_id),
    check ((state = 'QUALIFIED') = (qualified_at is not null))
) with (fillfactor = 80);

create index referrals_of_referrer on referrals (referrer_id, started_on) where referrer_id is not null;
create index referrals_of_link on referrals (kind, value) where started_on is not null;
create index referrals_under_way on referrals (touched_at, player_id) where state in ('WAITING', 'STARTED');
create index referrals_qualified on referrals (referrer_id, qualified_at, player_id) where state = 'QUALIFIED';

create type referral_row as (
    player_id             bigint,
    kind                  text,
    value                 text,
    referrer_id           bigint,
    is_known              boolean,
    touched_at            timestamptz,
    state                 text,
    refused               text,
    started_on            date,
    changed_at            timestamptz,
    score                 integer,
    rule                  text,
    verdict               text,
    is_cleared            boolean,
    left_at               timestamptz,
    lapsed_at             timestamptz,
    progress_answered     integer,
    progress_twentieth_at timestamptz,
    progress_days         text,
    qualified_at          timestamptz,
    bonus_at              timestamptz,
    returned_day_1        boolean,
    returned_day_7        boolean,
    returned_day_30       boolean
);

-- A link of ops, with what it cost.
create table campaigns (
    code        text        primary key check (code ~ '^[A-Z0-9_-]{1,60}$'),
    name        text        not null unique,
    cost_minor  bigint      not null check (cost_minor >= 0),
    currency    text        not null check (currency ~ '^[A-Z]{3}$'),
    created_at  timestamptz not null
);

create type campaign_row as (
    code       text,
    name       text,
    cost_minor bigint,
    currency   text,
    created_at timestamptz
);

-- Purchases of players who came by a link, as far as payments told of them.
create table purchases (
    id          uuid        primary key,
    player_id   bigint      not null,
    amount      integer     not null check (amount > 0),
    currency    text        not null,
    credited_at timestamptz,
    refunded_at timestamptz
) with (fillfactor = 90);

create index purchases_of_player on purchases (player_id);

create type purchase_row as (
    id          uuid,
    player_id   bigint,
    amount      integer,
    currency    text,
    credited_at timestamptz,
    refunded_at timestamptz
);

-- migrate:down
