-- name: answered
-- The ids of what a message led to are its own, a slash and more: a range of the inbox's key, which sorts by code
-- point ('0' comes after '/'). A second slash makes it what a message led to that it had led to.
select cause from unnest($1::text[]) as t (cause)
where exists (
    select from inbox
    where id >= t.cause || '/' and id < t.cause || '0' and strpos(substr(id, length(t.cause) + 2), '/') > 0
)

-- name: waiting_dead_letters
select id, message_id, body, error, received_at from dead_letters
where state = 'waiting' and id > $1 and type_name = any($2::text[])
order by id limit $3

-- name: count_waiting_effects
select count(*) from effects where kind = $1 and created_at >= $2 and created_at < $3

-- name: lanes_with_effects
select distinct lane from effects where lane = any($1::text[])
