-- name: append_history
insert into history (alert_id, at, what, by, note)
select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])

-- name: append_deliveries
insert into deliveries (notice_id, channel, alert_id, kind, notice, created_at, due_at)
select notice_id, channel, alert_id, kind, notice, at, at
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
    as t (notice_id, channel, alert_id, kind, notice, at)

-- name: inhibited
select distinct service from alerts where event = any($1::text[]) and state <> 'RESOLVED'

-- name: alerts_to_look_at
-- What is due, and what somebody is owed whom nothing mutes any more.
select fingerprint from alerts
where ($3::text is null or fingerprint > $3) and state <> 'RESOLVED'
    and (
        looked_at_next <= $1
        or is_owed
            and not exists (
                select from silences
                where ends_at > $1 and (silences.event = '*' or silences.event = alerts.event)
                    and alerts.key like silences.key_like
            )
            and (
                event = any($2::text[])
                or not exists (
                    select from alerts as cause
                    where cause.event = any($2::text[]) and cause.state <> 'RESOLVED' and cause.service = alerts.service
                )
            )
    )
order by fingerprint limit $4

-- name: count_open
select severity, state, count(*) from alerts where state <> 'RESOLVED' group by severity, state

-- name: delete_old_alerts
delete from alerts where fingerprint in (
    select fingerprint from alerts where state = 'RESOLVED' and resolved_at < $1 limit $2
)

-- name: delete_old_history
delete from history where number in (select number from history where at < $1 limit $2)
