-- migrate:up

-- What performing came to, written down when a result could not be heard at once: from then on the effect is not
-- performed again, only its results are heard again.
alter table effects add column result bytea;

-- migrate:down
