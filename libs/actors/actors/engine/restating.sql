-- name: start
insert into restatements (id, request_id, hearer, what, operator, rows_per_second, started_at, due_at)
values ($1, $2, $3, $4, $5, $6, $7, $7)
on conflict do nothing

-- name: by_request
select id from restatements where request_id = $1

-- name: running
select id from restatements where hearer = $1 and what = $2 and state = 'running'

-- name: recent
select id, hearer, what, operator, rows_per_second, state, told, skipped, total, error, started_at, finished_at
from restatements order by started_at desc limit $1

-- name: stop
update restatements set state = 'stopped', finished_at = $2 where id = $1 and state = 'running' returning id

-- name: claim
-- Whoever claims one has until $2 to tell a page of it; then another may.
update restatements set due_at = $2
where id = (
    select id from restatements where state = 'running' and due_at <= $1 and what = any($3::text[])
    order by due_at limit 1 for update skip locked
)
returning id, hearer, what, cursor, rows_per_second, total

-- name: set_total
update restatements set total = $2 where id = $1 and total is null

-- name: advance
-- Not when it was stopped meanwhile, or when somebody else told the page, who took this one for dead.
update restatements set
    cursor = coalesce($3, cursor), told = told + $4, skipped = skipped + $5, due_at = $6::timestamptz,
    -- What kept an earlier page back is over; what a row was skipped for stays.
    error = case when $7::text <> '' then $7::text when skipped > 0 then error else '' end,
    state = case when $8::bool then 'done' else state end, finished_at = case when $8::bool then $6::timestamptz end
where id = $1 and state = 'running' and cursor is not distinct from $2
returning told, total

-- name: put_off
update restatements set due_at = $2, error = coalesce(nullif($3::text, ''), error) where id = $1 and state = 'running'
