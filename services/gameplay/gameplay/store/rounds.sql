-- name: load_rounds
select id, player_id, mode, question_id, option_order, number, status, started_at, daily_day,
    chosen, is_right, response_ms, answered_at, berlin_day, raised_streak
from rounds where id = any($1::uuid[]) order by id for no key update

-- name: save_rounds
insert into rounds (
    id, player_id, mode, question_id, option_order, number, status, started_at, daily_day,
    chosen, is_right, response_ms, answered_at, berlin_day, raised_streak
)
select * from unnest($1::round_row[])
on conflict (id) do update set
    status = excluded.status, chosen = excluded.chosen, is_right = excluded.is_right,
    response_ms = excluded.response_ms, answered_at = excluded.answered_at, berlin_day = excluded.berlin_day,
    raised_streak = excluded.raised_streak

-- name: abandon_rounds
update rounds set status = 'ABANDONED' where id = any($1::uuid[]) and status = 'STARTED'

-- name: rounds_to_sweep
select id, player_id from rounds
where id < $1::uuid and id > $2::uuid and status = 'STARTED' order by id limit $3

-- name: swept_to
select done_to from sweeps where name = $1

-- name: keep_swept_to
insert into sweeps (name, done_to) values ($1, $2) on conflict (name) do update set done_to = excluded.done_to
