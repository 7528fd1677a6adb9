-- name: purchase_amount
select amount, currency from purchases where id = $1

-- name: charge_amount
select amount, currency from charges where id = $1

-- name: price_now
select amount from prices where product = $1 and currency = $2 order by version desc limit 1
