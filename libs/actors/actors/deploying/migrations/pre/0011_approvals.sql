-- migrate:up

-- What one operator asked for and a second one has to approve (DOMAIN §13). Nobody approves what they asked for themselves.
create table approvals (
    id         uuid        primary key,
    request_id text        not null unique,
    operator   text        not null,
    subject    text        not null,
    request    jsonb       not null,
    reason     text        not null,
    asked_at   timestamptz not null,
    expires_at timestamptz not null,
    state      text        not null check (state in ('WAITING', 'APPROVED', 'REFUSED')),
    decided_by text,
    decided_at timestamptz,
    check ((state = 'WAITING') = (decided_by is null)),
    check ((decided_by is null) = (decided_at is null)),
    check (state <> 'APPROVED' or (decided_by <> operator and decided_at < expires_at))
);
create index approvals_waiting on approvals (expires_at) where state = 'WAITING';

-- migrate:down
