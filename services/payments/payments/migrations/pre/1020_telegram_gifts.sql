-- migrate:up

-- Telegram Premium that is given with the bot's Stars, by what it is given for. A row of Telegram's list is one gift's.
create table telegram_gifts (
    gift_id    uuid        primary key,
    player_id  bigint      not null,
    months     integer     not null,
    stars      integer     not null,
    state      text        not null check (state in ('ASKED', 'UNSURE', 'GIVEN', 'FAILED')),
    asked_at   timestamptz not null,
    settled_at timestamptz,
    row_id     text        unique,
    reason     text        not null,
    check ((months, stars) in ((3, 1000), (6, 1500), (12, 2500))),
    check ((settled_at is not null) = (state in ('GIVEN', 'FAILED')))
);
create index telegram_gifts_open on telegram_gifts (asked_at) where state in ('ASKED', 'UNSURE') or row_id is null;

create type telegram_gift_row as (
    gift_id    uuid,
    player_id  bigint,
    months     integer,
    stars      integer,
    state      text,
    asked_at   timestamptz,
    settled_at timestamptz,
    row_id     text,
    reason     text
);

-- Written right before Telegram is asked, in a transaction of its own: whoever finds it asks no more. It goes again only
-- when Telegram has certainly done nothing.
create table telegram_gift_calls (
    gift_id   uuid        primary key,
    called_at timestamptz not null
);

-- migrate:down
