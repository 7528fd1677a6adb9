-- name: add_scores
insert into scores (day, player_id, right_answers, answers, total_ms)
select * from unnest($1::date[], $2::bigint[], $3::int[], $4::int[], $5::bigint[])
on conflict (day, player_id) do update set
    right_answers = scores.right_answers + excluded.right_answers,
    answers = scores.answers + excluded.answers,
    total_ms = scores.total_ms + excluded.total_ms

-- name: top_of_days
select player_id, players.name, sum(scores.right_answers)::int as right_answers, sum(scores.total_ms)::bigint as total_ms
from scores join players on players.id = scores.player_id
where day between $1::date and $2::date
group by player_id, players.name having sum(scores.right_answers) > 0
order by 3 desc, 4, 1 limit $3

-- name: players_by_right_of_days
select right_answers, count(*)::int from (
    select sum(right_answers)::int as right_answers from scores where day between $1::date and $2::date
    group by player_id having sum(right_answers) > 0
) as totals group by 1

-- name: own_of_days
select player_id, players.name, sum(scores.right_answers)::int, sum(scores.total_ms)::bigint
from scores join players on players.id = scores.player_id
where day = any($1::date[]) and player_id = any($2::bigint[])
group by player_id, players.name having sum(scores.right_answers) > 0

-- name: top_of_all_time
select id, name, right_answers, 0::bigint from players where right_answers > 0
order by right_answers desc, id limit $1

-- name: players_by_right_of_all_time
select right_answers, count(*)::int from players where right_answers > 0 group by 1

-- name: own_of_all_time
select id, name, right_answers, 0::bigint from players where id = any($1::bigint[]) and right_answers > 0

-- name: begin_daily_runs
insert into daily_runs (day, player_id, started_at) select * from unnest($1::date[], $2::bigint[], $3::timestamptz[])

-- name: finish_daily_runs
update daily_runs set finished_at = t.at, right_answers = t.right_answers, total_ms = t.total_ms
from unnest($1::date[], $2::bigint[], $3::timestamptz[], $4::int[], $5::int[])
    as t (day, player_id, at, right_answers, total_ms)
where daily_runs.day = t.day and daily_runs.player_id = t.player_id and daily_runs.finished_at is null

-- name: daily_standings
select own.day, own.player_id, own.right_answers, own.total_ms,
    (
        select count(*)::int + 1 from daily_runs as better
        where better.day = own.day and better.finished_at is not null
            and (better.right_answers > own.right_answers
                or (better.right_answers = own.right_answers and better.total_ms < own.total_ms))
    ) as rank,
    (select count(*)::int from daily_runs as one where one.day = own.day and one.finished_at is not null) as players
from unnest($1::date[], $2::bigint[]) as asked (day, player_id)
join daily_runs as own on own.day = asked.day and own.player_id = asked.player_id
where own.finished_at is not null
