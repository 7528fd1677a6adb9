-- migrate:up transaction:false

-- For retention: old rows are found without reading the others. A BRIN forgets that only while the table grows: once
-- old rows are deleted, new ones fill their pages, and every range keeps the lowest time that it ever held.
-- One that failed half-way is left behind invalid: `drop index inbox_by_time`, then migrate again.
create index concurrently inbox_by_time on inbox (handled_at);

-- migrate:down
