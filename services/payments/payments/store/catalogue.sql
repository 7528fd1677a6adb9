-- name: load_catalogue
select json_build_object(
    'items', (
        select coalesce(json_agg(json_build_object('product', product, 'enabled', enabled) order by position, product),
            '[]')
        from products where product = any($1::text[])
    ),
    'prices', (
        select coalesce(json_agg(newest), '[]') from (
            select distinct on (product, currency) product, currency, version, amount from prices
            where product = any($1::text[]) and currency = any($2::text[])
            order by product, currency, version desc
        ) as newest
    ),
    'regions', (
        select coalesce(json_agg(json_build_object('region', region, 'percent', percent)), '[]') from regions
    ),
    'rates', (
        select coalesce(json_agg(newest), '[]') from unnest($3::text[]) as wanted (currency)
        cross join lateral (
            select wanted.currency, day, rate_micro from reference_rates as rate
            where rate.currency = wanted.currency order by day desc limit 1
        ) as newest
    )
)

-- name: lock_articles
select product, enabled from products where product = any($1::text[]) order by product for no key update

-- name: newest_prices
select distinct on (product, currency) product, currency, version, amount, set_by, valid_from from prices
where product = any($1::text[]) and currency = any($2::text[])
order by product, currency, version desc

-- name: save_articles
update products set enabled = t.enabled
from unnest($1::text[], $2::bool[]) as t (product, enabled) where products.product = t.product

-- name: append_prices
insert into prices (product, currency, version, amount, set_by, valid_from)
select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::timestamptz[])

-- name: ship_products
insert into products (product, position, enabled)
select * from unnest($1::text[], $2::smallint[], $3::bool[])
on conflict (product) do nothing

-- name: ship_prices
insert into prices (product, currency, version, amount, set_by)
select t.product, t.currency, 1, t.amount, 'shipped'
from unnest($1::text[], $2::text[], $3::bigint[]) as t (product, currency, amount)
on conflict (product, currency, version) do nothing

-- name: delete_old_quotes
delete from quotes where id in (select id from quotes where lapses_at < $1 limit $2)

-- name: load_discounts
select redemption_id, player_id, percent, products, reserved_until, held_at, released_at, purchase_id, used
from discounts where redemption_id = any($1::uuid[]) order by redemption_id for no key update

-- name: save_discounts
insert into discounts (
    redemption_id, player_id, percent, products, reserved_until, held_at, released_at, purchase_id, used
)
select * from unnest($1::discount_row[])
on conflict (redemption_id) do update set
    percent = excluded.percent, products = excluded.products, reserved_until = excluded.reserved_until,
    held_at = excluded.held_at, released_at = excluded.released_at, purchase_id = excluded.purchase_id,
    used = excluded.used

-- name: has_rates
select count(*) = cardinality($2::text[]) from reference_rates where day = $1 and currency = any($2::text[])

-- name: save_rates
insert into reference_rates (currency, day, rate_micro, fetched_at)
select * from unnest($1::text[], $2::date[], $3::bigint[], $4::timestamptz[])
on conflict (currency, day) do update set rate_micro = excluded.rate_micro, fetched_at = excluded.fetched_at
