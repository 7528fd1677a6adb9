-- name: load_chats
select player_id, language, first_name, username, role, blocked_at, tap_tokens, tapped_at, command_tokens,
       commanded_at, noticed_at, screen_message_id, screen_round, album, code_asked_at
from chats where player_id = any($1::bigint[]) order by player_id for update

-- name: save_chats
insert into chats (player_id, language, first_name, username, role, blocked_at, tap_tokens, tapped_at,
                   command_tokens, commanded_at, noticed_at, screen_message_id, screen_round, album,
                   code_asked_at)
select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::timestamptz[],
                     $7::float8[], $8::timestamptz[], $9::float8[], $10::timestamptz[], $11::timestamptz[],
                     $12::bigint[], $13::uuid[], $14::text[], $15::timestamptz[])
on conflict (player_id) do update set
    language = excluded.language, first_name = excluded.first_name, username = excluded.username,
    role = excluded.role, blocked_at = excluded.blocked_at, tap_tokens = excluded.tap_tokens,
    tapped_at = excluded.tapped_at, command_tokens = excluded.command_tokens,
    commanded_at = excluded.commanded_at, noticed_at = excluded.noticed_at,
    screen_message_id = excluded.screen_message_id, screen_round = excluded.screen_round, album = excluded.album,
    code_asked_at = excluded.code_asked_at

-- name: delete_old_invoices
delete from invoices where purchase_id in (select purchase_id from invoices where sent_at < $1 limit $2)

-- name: room_moved_to
select moved_to from rooms where chat_id = $1

-- name: append_updates
insert into updates (update_id, player_id, chat_id, kind, command, status, error, handler_ms, received_at)
select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                     $8::real[], $9::timestamptz[])
on conflict (update_id) do nothing

-- name: delete_old_updates
delete from updates where update_id in (select update_id from updates where received_at < $1 limit $2)

-- name: count_taps
select (select count(*) from updates where kind = 'callback_query' and received_at >= $1),
       (select count(*) from updates where kind = 'callback_query' and received_at >= $1 and status = 'failed')

-- name: take_push_slot
update push_pace set free_at = clock_timestamp() + make_interval(secs => $1)
where free_at <= clock_timestamp() returning free_at

-- name: try_poll_lock
select pg_try_advisory_lock(hashtext(current_schema()), 2000)

-- name: chats_found
-- By id, or by how a name begins; $2 is a pattern in small letters.
select player_id, first_name, username, language, role, blocked_at from chats where player_id = $1
union
(select player_id, first_name, username, language, role, blocked_at from chats
 where username <> '' and lower(username) like $2 order by player_id limit $3)
union
(select player_id, first_name, username, language, role, blocked_at from chats
 where first_name <> '' and lower(first_name) like $2 order by player_id limit $3)
order by player_id limit $3

-- name: invoice_sent
select purchase_id, message_id, sent_at from invoices where purchase_id = $1 and sent_at is not null
