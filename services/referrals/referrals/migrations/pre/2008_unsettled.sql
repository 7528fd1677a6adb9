-- migrate:up transaction:false

-- Commissions that stand though their sales do not: a job takes them back.
create index concurrently sales_unsettled on sales (credited_at, purchase_id)
    where state in ('PENDING', 'PAYABLE') and (refunded_at is not null or is_telegrams);

-- migrate:down
