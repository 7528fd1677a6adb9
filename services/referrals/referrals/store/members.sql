-- name: find_links
select wanted.kind, wanted.value, members.player_id as referrer_id
from unnest($1::text[], $2::text[]) as wanted (kind, value)
join members on wanted.kind = 'ref' and members.code = wanted.value
union all
select wanted.kind, wanted.value, null
from unnest($1::text[], $2::text[]) as wanted (kind, value)
join campaigns on wanted.kind = 'c' and campaigns.code = wanted.value

-- name: lapsed
select player_id from referrals
where state = 'STARTED' and touched_at < $1 and player_id > coalesce($2::bigint, 0)
order by player_id limit $3

-- name: undecided
-- Links from before $1 that wait for a decision although it is known when their players joined.
select r.player_id, r.referrer_id from referrals as r join members as m on m.player_id = r.player_id
where r.state = 'WAITING' and r.changed_at < $1 and m.joined_at is not null and r.player_id > coalesce($2::bigint, 0)
order by r.player_id limit $3

-- name: made_since
-- Campaigns' links that were opened from $1 on, when nobody had made them; they are there now.
select r.player_id, r.value from referrals as r join campaigns as c on c.code = r.value
where r.refused = 'unknown_link' and r.kind = 'c' and r.touched_at >= $1 and r.player_id > coalesce($2::bigint, 0)
order by r.player_id limit $3

-- name: changed
-- Players with whose referrals something came to be from $1 on and before $2, and who brought them.
select changed_at, player_id, referrer_id from referrals
where started_on is not null and referrer_id is not null and changed_at >= $1 and changed_at < $2
    and (changed_at, player_id) > ($3::timestamptz, $4::bigint)
order by changed_at, player_id limit $5

-- name: taken_codes
select code from members where code = any($1::text[])

-- name: ancestry
-- Who brought each referrer, who brought those, up to four: with referrer and player that is a ring of five.
with recursive up (referrer_id, member_id, depth) as (
    select wanted, wanted, 0 from unnest($1::bigint[]) as wanted
    union all
    select up.referrer_id, members.invited_by, up.depth + 1
    from up join members on members.player_id = up.member_id
    where members.invited_by is not null and up.depth < 4
)
select up.referrer_id, array_agg(up.member_id order by up.depth), min(referrals.touched_at)
from up left join referrals on referrals.player_id = up.referrer_id and referrals.started_on is not null
where up.depth > 0
group by up.referrer_id
