-- migrate:up transaction:false

-- Bound players by when more came to be known of them: a job says again what follows of that.
create index concurrently referrals_changed on referrals (changed_at, player_id)
    where started_on is not null and referrer_id is not null;

-- migrate:down
