-- name: compared_until
select until from comparisons where name = $1

-- name: changed
-- Gifts that were given or taken back from $1 on and before $2.
select changed_at, id, taken_back_at is not null from gifts
where changed_at >= $1 and changed_at < $2 and (changed_at, id) > ($3::timestamptz, $4::uuid)
order by changed_at, id limit $5
