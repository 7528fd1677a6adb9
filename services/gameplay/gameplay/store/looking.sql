-- name: player_found
select id, name, language, joined_at, answered from players where id = $1

-- name: story_of_grant
select granted_at, revoked_at from grants where id = $1 and player_id = $2

-- name: journal_of_grant
select asset, amount, reason, at from journal
where cause = any(array[$1::uuid::text, $1::uuid::text || ':revoked']) and player_id = $2

-- name: journal_of_player
select cause, asset, amount, reason, at from journal where player_id = $1 order by id desc limit $2
