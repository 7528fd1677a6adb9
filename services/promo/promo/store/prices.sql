-- name: all_prices
select product, amount from star_prices where amount > 0
