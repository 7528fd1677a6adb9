-- name: load_silences
select silence_id, event, key_pattern, begins_at, ends_at, author, reason from silences
where silence_id = any($1) order by silence_id for no key update

-- name: save_silences
insert into silences (silence_id, event, key_pattern, key_like, begins_at, ends_at, author, reason)
select * from unnest(
    $1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[]
)
on conflict (silence_id) do update set ends_at = excluded.ends_at

-- name: lasting_silences
-- Without an instant all that are kept, which are few: which of them last is seen by the turn's own clock.
select silence_id, event, key_pattern, begins_at, ends_at, author, reason from silences
where $1::timestamptz is null or ends_at > $1 order by ends_at, silence_id

-- name: delete_old_silences
delete from silences where silence_id in (select silence_id from silences where ends_at < $1 limit $2)
