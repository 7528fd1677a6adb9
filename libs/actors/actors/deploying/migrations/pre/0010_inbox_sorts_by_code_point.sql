-- migrate:up

-- What a message led to is a range of the key, whatever the database sorts by. This builds the key anew and holds the
-- table meanwhile: a second or two for each million of rows.
alter table inbox alter column id type text collate "C";

-- migrate:down
