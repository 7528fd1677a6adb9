-- name: abandon_rounds
update rounds set status = 'ABANDONED' where id = any($1::uuid[]) and status = 'STARTED'

-- name: rounds_to_sweep
select id, player_id from rounds
where id < $1::uuid and id > $2::uuid and status = 'STARTED' order by id limit $3

-- name: swept_to
select done_to from sweeps where name = $1

-- name: keep_swept_to
insert into sweeps (name, done_to) values ($1, $2) on conflict (name) do update set done_to = excluded.done_to
