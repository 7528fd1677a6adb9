-- migrate:up

-- What is given without a payment can be taken back. Such a grant, of goods, has its own id for its purchase's.
alter table ledger_transactions drop constraint ledger_transactions_kind_check;
alter table ledger_transactions add constraint ledger_transactions_kind_check
    check (kind in ('SALE', 'RECEIPT', 'REFUND', 'DEBT', 'GRANT', 'REVOCATION', 'STARS')) not valid;
alter table ledger_transactions add constraint ledger_transactions_of_a_grant
    check (kind <> 'GRANT' or purchase_id is null or purchase_id = id) not valid;

-- What of it changed of late, for the comparison with gameplay.
create index ledger_transactions_given on ledger_transactions (at)
    where kind in ('GRANT', 'REVOCATION') and purchase_id is not null;

-- migrate:down
