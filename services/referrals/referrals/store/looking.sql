-- name: members_found
select m.player_id, m.code, p.state as partner from members as m left join partners as p on p.player_id = m.player_id
where m.code = $1
union
select m.player_id, m.code, p.state from members as m left join partners as p on p.player_id = m.player_id
where m.player_id = $2

-- name: referral_found
select player_id, state, kind, value, referrer_id, rule from referrals where player_id = $1

-- name: links_found
select code, name from campaigns where code = $1 or name = $2

-- name: payout_found
select payout_id, player_id, state, kind, stars from payouts where payout_id = $1

-- name: story_of_sales
select purchase_id, credited_at, refunded_at, state, partner_id, stars, commission from sales
where player_id = $1 and ($2::uuid is null or purchase_id = $2)
order by credited_at desc nulls last limit $3

-- name: story_of_referral
select touched_at, kind, value, referrer_id, state, qualified_at, bonus_at from referrals where player_id = $1

-- name: story_of_payouts
select payout_id, requested_at, changed_at, state, stars, kind, reason from payouts
where player_id = $1 order by requested_at desc limit $2
