-- name: claim_inbox
insert into inbox (id, handled_at)
select id, $2 from unnest($1::text[]) as t (id)
on conflict (id) do nothing
returning id

-- name: enter_inbox
-- For a batch that is thought to be new: one id that is not fails the whole statement on inbox_pkey.
insert into inbox (id, handled_at, reply)
select id, $2, reply from unnest($1::text[], $3::bytea[]) as t (id, reply)

-- name: lock_absent
select pg_advisory_xact_lock(hashtextextended(current_schema() || name, 0))
from unnest($1::text[]) with ordinality as t (name, place) order by place

-- name: release_inbox
delete from inbox where id = any($1::text[])

-- name: save_replies
update inbox set reply = t.reply from unnest($1::text[], $2::bytea[]) as t (id, reply) where inbox.id = t.id

-- name: first_replies
select id, reply from inbox where id = any($1::text[]) and reply is not null

-- name: delete_outbox_batches
delete from outbox where batch = any($1::bigint[])

-- name: append_outbox
insert into outbox (batch, position, subject, headers, body)
select * from unnest($1::bigint[], $2::int[], $3::text[], $4::bytea[], $5::bytea[])

-- name: append_effects
insert into effects (priority, batch, position, bucket, lane, kind, body, envelope, created_at, due_at)
select priority, batch, position, bucket, lane, kind, body, envelope, at, at
from unnest(
    $1::smallint[], $2::bigint[], $3::int[], $4::smallint[], $5::text[], $6::text[], $7::bytea[], $8::bytea[],
    $9::timestamptz[]
) as t (priority, batch, position, bucket, lane, kind, body, envelope, at)

-- name: delete_effects
delete from effects using unnest($1::smallint[], $2::bigint[], $3::int[]) as t (priority, batch, position)
where effects.priority = t.priority and effects.batch = t.batch and effects.position = t.position

-- name: delete_outbox_rows
delete from outbox using unnest($1::bigint[], $2::int[]) as t (batch, position)
where outbox.batch = t.batch and outbox.position = t.position

-- name: outbox_leftovers
-- The rows after one key and before a batch, but for subjects that are put off.
select batch, position, subject, headers, body from outbox
where (batch, position) > ($1, $2) and batch < $3 and not (subject like any($4::text[]))
order by batch, position limit $5

-- name: oldest_outbox_row
select min(batch) from outbox

-- name: postpone_effect
update effects set due_at = $4, attempts = $5 where priority = $1 and batch = $2 and position = $3

-- name: keep_results
update effects set result = t.result
from unnest($1::smallint[], $2::bigint[], $3::int[], $4::bytea[]) as t (priority, batch, position, result)
where effects.priority = t.priority and effects.batch = t.batch and effects.position = t.position

-- name: waiting_effects
-- What is due, lane by lane in order: what was put off holds back what is behind it. An effect that was never put off
-- is due whatever the clock says, also one of an hour that is still to come because the clock was set back.
select priority, batch, position, lane, kind, body, envelope, created_at, due_at, attempts, result
from effects as waiting
where priority between $4 and $5 and (priority, batch, position) > ($6, $7, $8)
    and bucket = any($1::smallint[])
    and (due_at <= created_at or due_at <= $2 or created_at > $2)
    and (kind = any($9::text[]) or created_at <= $10)
    and not exists (
        select from effects as earlier
        where earlier.lane = waiting.lane and (earlier.batch, earlier.position) < (waiting.batch, waiting.position)
            and earlier.due_at > earlier.created_at and earlier.due_at > $2 and earlier.created_at <= $2
    )
order by priority, batch, position limit $3

-- name: postponed_shares
select distinct bucket, priority from effects
where due_at > created_at and due_at > $2 and created_at <= $2 and bucket = any($1::smallint[])

-- name: postponed_lanes
select lane, max(due_at) from effects
where due_at > created_at and due_at > $2 and created_at <= $2 and bucket = any($1::smallint[]) group by lane

-- name: count_attempt
-- Nothing comes back for an effect that its last holder has deleted after all.
update effects set attempts = attempts + 1 where priority = $1 and batch = $2 and position = $3 returning attempts

-- name: be_alive
select pg_advisory_lock_shared(hashtext(current_schema()), $1)

-- name: count_replicas
select count(distinct pid) from pg_locks
where locktype = 'advisory' and granted and classid = hashtext(current_schema())::oid and objid = $1::oid
    and objsubid = 2 and database = (select oid from pg_database where datname = current_database())

-- name: lock_buckets
select bucket from unnest($1::int[]) as t (bucket) where pg_try_advisory_lock(hashtext(current_schema()), bucket)

-- name: unlock_buckets
select pg_advisory_unlock(hashtext(current_schema()), bucket) from unnest($1::int[]) as t (bucket)

-- name: enter_buckets
-- Returns those that were left in order. Ours now: whoever comes next finds them so only if we leave them so.
update effect_buckets set left_in_order = false where bucket = any($1::int[]) and left_in_order returning bucket

-- name: leave_buckets
update effect_buckets set left_in_order = true where bucket = any($1::int[])

-- name: perform_again
with marked as (
    update dead_letters set state = 'replayed', resolved_by = $2, resolved_at = $3
    where id = $1 and state = 'waiting' returning id
), put_back as (
    insert into effects (priority, batch, position, bucket, lane, kind, body, envelope, created_at, due_at)
    select priority, batch, position, bucket, lane, kind, body, envelope, at, at
    from marked, unnest(
        $4::smallint[], $5::bigint[], $6::int[], $7::smallint[], $8::text[], $9::text[], $10::bytea[], $11::bytea[],
        $12::timestamptz[]
    ) as t (priority, batch, position, bucket, lane, kind, body, envelope, at)
    on conflict do nothing
)
select count(*) from marked

-- name: append_dead_letters
-- One that died before, and was replayed or dropped since, waits once more.
insert into dead_letters (message_id, type_name, subject, headers, body, error, attempts, received_at)
select message_id, type_name, subject, headers, body, error, attempts, $8
from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::text[], $7::int[])
    as t (message_id, type_name, subject, headers, body, error, attempts)
on conflict (message_id) do update
set type_name = excluded.type_name, subject = excluded.subject, headers = excluded.headers, body = excluded.body,
    error = excluded.error, attempts = excluded.attempts, received_at = excluded.received_at,
    state = 'waiting', resolved_at = null, resolved_by = null
where dead_letters.state <> 'waiting'
returning id, message_id, xmax <> 0

-- name: list_dead_letters
select id, message_id, type_name, subject, substr(body, 1, $3) as body, octet_length(body) as body_bytes, error, attempts,
    received_at
from dead_letters
where state = 'waiting' and id > $1 order by id limit $2

-- name: lock_dead_letters
select id, message_id, type_name, subject, headers, body, error, attempts from dead_letters
where state = 'waiting' and ($1::bigint[] is null or id = any($1::bigint[])) order by id limit $2

-- name: resolve_dead_letters
update dead_letters set state = $2, resolved_by = $3, resolved_at = $4
where id = any($1::bigint[]) and state = 'waiting' returning id

-- name: append_audit
insert into audit (request_id, operator, subject, request, answer, at)
select request_id, operator, subject, request::jsonb, answer::jsonb, $6
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    as t (request_id, operator, subject, request, answer)

-- name: begin_audited
-- Written down before it is done: whoever comes second with this id, by whatever body, finds it.
insert into audit (request_id, operator, subject, request, at) values ($1, $2, $3, $4::text::jsonb, $5)
on conflict (request_id) do nothing

-- name: audit_look
-- Looking changes nothing, and what was seen is not kept: JSON's null, where a request not done yet has none.
insert into audit (request_id, operator, subject, request, answer, at)
values ($1, $2, $3, $4::text::jsonb, 'null'::jsonb, $5)

-- name: end_audited
update audit set answer = $2::text::jsonb where request_id = $1 and answer is null

-- name: forget_audited
delete from audit where request_id = $1 and answer is null

-- name: audited
select operator, request::text, answer::text from audit where request_id = $1

-- name: delete_old_inbox
delete from inbox where id in (select id from inbox where handled_at < $1 limit $2)

-- name: begin_tries
insert into tries (message_id, tries, under_way, at)
select id, 1, true, $2 from unnest($1::text[]) as t (id)
on conflict (message_id) do update set tries = tries.tries + 1, under_way = true, at = excluded.at

-- name: tries_under_way
select message_id, tries from tries where message_id = any($1::text[]) and under_way

-- name: count_failed_tries
-- What is under way was counted when it began.
insert into tries (message_id, tries, under_way, at)
select id, 1, false, $2 from unnest($1::text[]) as t (id)
on conflict (message_id) do update
set tries = tries.tries + case when tries.under_way then 0 else 1 end, under_way = false, at = excluded.at
returning message_id, tries

-- name: take_back_tries
update tries set tries = tries - 1, under_way = false where message_id = any($1::text[]) and under_way

-- name: delete_tries
delete from tries where message_id = any($1::text[])

-- name: delete_old_tries
delete from tries where message_id in (select message_id from tries where at < $1 limit $2)

-- name: job_waits_until
-- A row of a time to come was written before a clock was set back: nothing waits for it.
select max(since + make_interval(secs => seconds)) from job_firings
where job = $1 and failed and since <= $2::timestamptz + interval '1 minute'

-- name: put_off_firing
-- One waits for each job and body, the first unless it never came back. A failure makes it wait anew.
insert into job_firings as waiting (job, body, firing, since, seconds, failed) values ($1, $2, $3, $4, $5, $6)
on conflict (job, body) do update
set since = excluded.since, seconds = excluded.seconds, failed = excluded.failed,
    firing = case when waiting.since + make_interval(secs => waiting.seconds + 60) >= excluded.since
                   and waiting.since <= excluded.since + interval '1 minute'
                  then waiting.firing else excluded.firing end
where excluded.failed or waiting.firing = excluded.firing
   or waiting.since + make_interval(secs => waiting.seconds + 60) < excluded.since
   or waiting.since > excluded.since + interval '1 minute'
returning firing

-- name: firing_runs
delete from job_firings where job = $1 and body = $2 and firing = $3

-- name: delete_old_firings
delete from job_firings where (job, body) in (select job, body from job_firings where since < $1 limit $2)

-- name: keep_sent
-- Of what the part before this one deleted and returned.
insert into outbox_sent (batch, position, subject, headers, body, refused)
select batch, position, subject, headers, body, $1::boolean from :previous
on conflict do nothing

-- name: sent_page
select batch, position, subject, headers, body from outbox_sent
where (batch, position) > ($1, $2) and batch < $3 and subject ~ $4 and not refused
order by batch, position limit $5

-- name: delete_old_sent
delete from outbox_sent where (batch, position) in (
    select batch, position from outbox_sent where batch < $1 order by batch, position limit $2
)

-- name: hold
-- With the audit, so that a request which waits is answered as one that was written down. $9 is the answer.
with held as (
    insert into approvals (id, request_id, operator, subject, request, reason, asked_at, expires_at, state)
    values ($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8, 'WAITING')
    on conflict do nothing
)
insert into audit (request_id, operator, subject, request, answer, at)
values ($2, $3, $4, $5::text::jsonb, $9::text::jsonb, $7)
on conflict (request_id) do nothing

-- name: approve
-- By another person, and in time; of two one does. Who came by a service that vouches is `gateway.mira`.
update approvals set state = 'APPROVED', decided_by = $2::text, decided_at = $3
where id = $1 and state = 'WAITING' and substring(operator from '[^.]*$') <> substring($2::text from '[^.]*$') and expires_at > $3
returning request_id, operator, subject, request::text as request, state, decided_by, expires_at

-- name: refuse
update approvals set state = 'REFUSED', decided_by = $2, decided_at = $3
where id = $1 and state = 'WAITING' and expires_at > $3 returning id

-- name: approval
select request_id, operator, subject, request::text as request, state, decided_by, expires_at from approvals where id = $1

-- name: approvals
select id, operator, subject, request::text as request, reason, asked_at, expires_at, state, decided_by from approvals
where $1 or (state = 'WAITING' and expires_at > $2) order by asked_at desc limit $3
