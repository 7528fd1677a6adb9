-- migrate:up

-- The duel ticket was shipped on sale, though there are no duels yet. It is taken off the shelf, unless an operator has
-- switched it: then it stands as they wanted it. Invoices that are open are refused at the pre-checkout.
update products set enabled = false
where product = 'DUEL_TICKET_5' and not exists (
    select from audit
    where subject = 'payments.cmd.switch_product' and request ->> 'product' = 'DUEL_TICKET_5'
);

-- migrate:down
