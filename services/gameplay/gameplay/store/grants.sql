-- name: load_grants
select id, player_id, paid_energy, saver_tokens, duel_tickets, mode_hours, granted_at, revoked_at
from grants where id = any($1::uuid[]) order by id for no key update

-- name: save_grants
insert into grants (id, player_id, paid_energy, saver_tokens, duel_tickets, mode_hours, granted_at, revoked_at)
select * from unnest($1::grant_row[])
on conflict (id) do update set
    paid_energy = excluded.paid_energy, saver_tokens = excluded.saver_tokens,
    duel_tickets = excluded.duel_tickets, mode_hours = excluded.mode_hours,
    granted_at = excluded.granted_at, revoked_at = excluded.revoked_at
