-- name: grants_page
select id from grants where id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') order by id limit $2

-- name: changed_grants_page
select id from grants
where id > coalesce($1::uuid, '00000000-0000-0000-0000-000000000000') and changed_at >= $3 order by id limit $2

-- name: held_grants
-- With what the journal has under each one's name, given and taken back.
select g.id, g.player_id, g.granted_at, g.revoked_at, g.changed_at,
    g.paid_energy, g.saver_tokens, g.duel_tickets, g.mode_hours,
    given.paid_energy, given.saver_tokens, given.duel_tickets, given.mode_hours,
    -taken.paid_energy, -taken.saver_tokens, -taken.duel_tickets, -taken.mode_hours
from grants as g
cross join lateral (
    select coalesce(sum(amount) filter (where asset = 'PAID_ENERGY'), 0)::int as paid_energy,
        coalesce(sum(amount) filter (where asset = 'SAVER_TOKEN'), 0)::int as saver_tokens,
        coalesce(sum(amount) filter (where asset = 'DUEL_TICKET'), 0)::int as duel_tickets,
        coalesce(sum(amount) filter (where asset = 'MODE_HOURS'), 0)::int as mode_hours
    from journal where cause = g.id::text
) as given
cross join lateral (
    select coalesce(sum(amount) filter (where asset = 'PAID_ENERGY'), 0)::int as paid_energy,
        coalesce(sum(amount) filter (where asset = 'SAVER_TOKEN'), 0)::int as saver_tokens,
        coalesce(sum(amount) filter (where asset = 'DUEL_TICKET'), 0)::int as duel_tickets,
        coalesce(sum(amount) filter (where asset = 'MODE_HOURS'), 0)::int as mode_hours
    from journal where cause = g.id::text || ':revoked'
) as taken
where g.id = any($1::uuid[]) order by g.id

-- name: held_premium
select id, premium_version, premium_terms from players
where premium_version > 0 and id = any($1::bigint[]) order by id

-- name: held_premium_page
select id, premium_version, premium_terms from players
where premium_version > 0 and id > $1 order by id limit $2
