-- name: is_wanted
episode > 0 and ($1::text is null or state = $1) and (not $2::boolean or $1::text is not null or state <> 'RESOLVED')
    and ($3::text is null or event = $3) and ($4::text is null or service = $4) and ($5::text is null or severity = $5)

-- name: page
order by first_at desc, fingerprint limit $6 offset $7

-- name: history_of_alert
select at, what, by, note from history where alert_id = $1 order by number desc limit $2
