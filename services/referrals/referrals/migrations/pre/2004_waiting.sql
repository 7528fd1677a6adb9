-- migrate:up transaction:false

-- Links that are not decided: a job looks for those whose decision was lost.
create index concurrently referrals_waiting on referrals (player_id) where state = 'WAITING';

-- migrate:down
