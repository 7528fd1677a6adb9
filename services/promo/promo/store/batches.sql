-- name: campaign_exists
select exists (select from campaigns where name = $1)

-- name: stored_codes
select fingerprint from codes where fingerprint = any($1::bytea[])

-- name: insert_batch
insert into batches (id, campaign, codes, made_at) values ($1, $2, $3, $4)
