-- migrate:up

-- The topic of the private chat that an invoice stands in, so that its receipt follows there; 0 for none.
alter table invoices add column thread_id bigint not null default 0;

-- migrate:down
