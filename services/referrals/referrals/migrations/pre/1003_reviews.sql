-- migrate:up

-- What fraud rules found and nobody has decided, as the queue shows it.
create index referrals_to_review on referrals (score desc, touched_at desc, player_id)
    where rule is not null and verdict is null and not is_cleared;

-- What the dashboard counts, over the window that is asked for.
create index referrals_started on referrals (touched_at) include (kind, state, rule, referrer_id)
    where started_on is not null;
create index referrals_qualified_at on referrals (qualified_at) where state = 'QUALIFIED';
create index gifts_given on gifts (given_at) include (number);
create index gifts_taken_back on gifts (taken_back_at) where taken_back_at is not null;

-- Whether too much is rejected for fraud, and since when: one row, `referrals`.
create table alarms (
    name  text        primary key,
    since timestamptz
);

create type alarm_row as (
    name  text,
    since timestamptz
);

-- migrate:down
