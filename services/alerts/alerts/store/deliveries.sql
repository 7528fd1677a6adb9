-- name: called_at
select called_at from calls where channel = $1

-- name: next_deliveries
-- Those of the courier's channel that are due, in order: of one alert the first only, so that nobody hears that it is
-- over before they hear that it began.
select number, notice, attempts, is_alone, created_at from deliveries as next
where channel = $1 and state = 'WAITING' and due_at <= $2
    and not exists (
        select from deliveries as earlier
        where earlier.channel = next.channel and earlier.alert_id = next.alert_id and earlier.state = 'WAITING'
            and earlier.number < next.number
    )
order by number limit $3

-- name: count_due
select count(*), coalesce(bool_or(is_alone or attempts > 0), false) from (
    select is_alone, attempts from deliveries where channel = $1 and state = 'WAITING' and due_at <= $2 limit $3
) as due

-- name: begin_call
-- Written down before the channel is called, so that the next process keeps to its limits too.
with called as (
    insert into calls (channel, called_at) values ($1, $2)
    on conflict (channel) do update set called_at = excluded.called_at
)
update deliveries set attempts = attempts + 1 where number = any($3::bigint[]) and state = 'WAITING'

-- name: end_deliveries
update deliveries set state = $2, ended_at = $3, error = case when $4 = '' then error else $4 end
where number = any($1::bigint[]) and state = 'WAITING'

-- name: put_off_deliveries
update deliveries set due_at = $2, error = $3, is_alone = is_alone or $4
where number = any($1::bigint[]) and state = 'WAITING'

-- name: give_up_old_deliveries
update deliveries set state = 'GIVEN_UP', ended_at = $2 where number in (
    select number from deliveries where state = 'WAITING' and created_at < $1 limit $3
)

-- name: queue
-- What waits of each channel, and since when the oldest that is due or was.
select channel, count(*), min(created_at) from deliveries where state = 'WAITING' group by channel

-- name: delete_old_deliveries
delete from deliveries where number in (
    select number from deliveries where created_at < $1 and state <> 'WAITING' limit $2
)

-- name: deliveries_of_alert
select notice_id, channel, kind, state, attempts, created_at, ended_at, due_at, error from deliveries
where alert_id = $1 order by number desc limit $2
