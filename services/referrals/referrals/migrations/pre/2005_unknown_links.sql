-- migrate:up transaction:false

-- Links that nobody had made when they were opened: a job looks for those that were made since.
create index concurrently referrals_unknown on referrals (touched_at) where refused = 'unknown_link';

-- migrate:down
