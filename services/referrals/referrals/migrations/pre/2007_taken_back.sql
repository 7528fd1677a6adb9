-- migrate:up transaction:false

-- Rewards that are not earned any more: a job looks for those that payments has not taken back.
create index concurrently slots_taken_back on slots (grant_id) where state = 'TAKEN_BACK';

-- migrate:down
