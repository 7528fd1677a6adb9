-- name: append_journal
insert into journal (cause, asset, player_id, amount, reason, at)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::text[], $6::timestamptz[])

-- name: players_to_settle
select id from players
where streak_days > 0 and streak_settled_on < $1::date and id > coalesce($2::bigint, 0)
order by id limit $3

-- name: players_to_push
select id from players
where daily_push and (daily_day = $1::date and daily_answered >= 7) is not true and id > coalesce($2::bigint, 0)
order by id limit $3

-- name: players_to_remind_of_daily
select id from players
where daily_reminder and (daily_day = $1::date and daily_answered >= 7) is not true and id > coalesce($2::bigint, 0)
order by id limit $3

-- name: players_to_remind_of_streak
select id from players
where streak_reminder and streak_days >= 3 and streak_active_on is distinct from $1::date
    and id > coalesce($2::bigint, 0)
order by id limit $3
