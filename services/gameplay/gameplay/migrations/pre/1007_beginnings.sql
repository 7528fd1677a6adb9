-- migrate:up

-- How each player began: the first answer of their first and second Berlin day with one, and their 20th answer. Written
-- at those answers alone, so that no tap pays for it; told again to services that come late.
create table beginnings (
    player_id    bigint      primary key,
    first_at     timestamptz,
    second_at    timestamptz,
    twentieth_at timestamptz
);

insert into beginnings (player_id, first_at, second_at, twentieth_at)
select player_id, min(answered_at) filter (where day_number = 1), min(answered_at) filter (where day_number = 2),
    min(answered_at) filter (where number = 20)
from (
    select player_id, answered_at, row_number() over (partition by player_id order by answered_at, id) as number,
        dense_rank() over (partition by player_id order by berlin_day) as day_number
    from rounds where status = 'COMPLETED'
) as answers
group by player_id;

-- migrate:down
