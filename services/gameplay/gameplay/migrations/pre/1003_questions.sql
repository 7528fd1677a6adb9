-- migrate:up

create table questions (
    id             text        primary key,
    mode           text        not null,
    level          text        not null,
    category       text        not null,
    text           text        not null,
    options        text[]      not null check (cardinality(options) = 4),
    answer         text        not null check (answer = any (options)),
    explanation    text        not null,
    explanation_en text        not null,
    language       text        not null,
    status         text        not null check (status in ('ACTIVE', 'DISABLED')),
    enabled        boolean     not null default true,
    changed_at     timestamptz not null default now()
);

-- `version` rises with every change of the bank, whoever makes it; running processes then load the bank anew.
-- `shipped` is the mark of the files that a build brought along last.
create table bank_version (
    one     boolean primary key default true check (one),
    version bigint  not null,
    shipped text    not null default ''
);
insert into bank_version (version) values (1);

create function raise_bank_version() returns trigger language plpgsql as $$
begin
    update bank_version set version = version + 1;
    return null;
end
$$;
create trigger questions_changed after insert or update or delete or truncate on questions
    for each statement execute function raise_bank_version();

-- The seven questions of a day, written down before it begins, so that a change of the bank cannot change them.
create table daily_sets (
    day          date        primary key,
    question_ids text[]      not null,
    made_at      timestamptz not null default now()
);

-- migrate:down
