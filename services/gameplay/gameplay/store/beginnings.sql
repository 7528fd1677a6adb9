-- name: note_beginnings
-- The first answer of a day is that of the first day for who has none, of the second for who has one, and nobody's else.
insert into beginnings as kept (player_id, first_at, twentieth_at)
select answers.player_id, answers.day_at, answers.twentieth_at
from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[]) as answers (player_id, day_at, twentieth_at)
left join beginnings as known on known.player_id = answers.player_id
where known.second_at is null or answers.twentieth_at is not null
order by answers.player_id
on conflict (player_id) do update set
    first_at = coalesce(kept.first_at, excluded.first_at),
    second_at = coalesce(kept.second_at, case when kept.first_at is not null then excluded.first_at end),
    twentieth_at = coalesce(kept.twentieth_at, excluded.twentieth_at)
