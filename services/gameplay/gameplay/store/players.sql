-- name: load_players
select id, name, language, joined_at,
    energy_free, energy_paid, energy_anchor, energy_topped_up_on,
    streak_days, streak_best, streak_active_on, streak_settled_on, streak_bridged_on, streak_freeze_week,
    saver_tokens, duel_tickets, daily_push, daily_reminder, streak_reminder,
    answered, right_answers, right_today, right_today_day,
    game_mode, game_round_id, game_answered, game_right,
    daily_day, daily_answered, daily_right, daily_total_ms, daily_round_id, daily_asked_at, daily_is_current,
    premium_terms, modes, premium_version
from players where id = any($1::bigint[]) order by id for no key update

-- name: read_player
select id, name, language, joined_at,
    energy_free, energy_paid, energy_anchor, energy_topped_up_on,
    streak_days, streak_best, streak_active_on, streak_settled_on, streak_bridged_on, streak_freeze_week,
    saver_tokens, duel_tickets, daily_push, daily_reminder, streak_reminder,
    answered, right_answers, right_today, right_today_day,
    game_mode, game_round_id, game_answered, game_right,
    daily_day, daily_answered, daily_right, daily_total_ms, daily_round_id, daily_asked_at, daily_is_current,
    premium_terms, modes, premium_version
from players where id = $1

-- name: save_players
insert into players (
    id, name, language, joined_at,
    energy_free, energy_paid, energy_anchor, energy_topped_up_on,
    streak_days, streak_best, streak_active_on, streak_settled_on, streak_bridged_on, streak_freeze_week,
    saver_tokens, duel_tickets, daily_push, daily_reminder, streak_reminder,
    answered, right_answers, right_today, right_today_day,
    game_mode, game_round_id, game_answered, game_right,
    daily_day, daily_answered, daily_right, daily_total_ms, daily_round_id, daily_asked_at, daily_is_current,
    premium_terms, modes, premium_version
)
select * from unnest($1::player_row_2[])
on conflict (id) do update set
    name = excluded.name, language = excluded.language,
    energy_free = excluded.energy_free, energy_paid = excluded.energy_paid,
    energy_anchor = excluded.energy_anchor, energy_topped_up_on = excluded.energy_topped_up_on,
    streak_days = excluded.streak_days, streak_best = excluded.streak_best,
    streak_active_on = excluded.streak_active_on, streak_settled_on = excluded.streak_settled_on,
    streak_bridged_on = excluded.streak_bridged_on, streak_freeze_week = excluded.streak_freeze_week,
    saver_tokens = excluded.saver_tokens, duel_tickets = excluded.duel_tickets,
    daily_push = excluded.daily_push, daily_reminder = excluded.daily_reminder,
    streak_reminder = excluded.streak_reminder,
    answered = excluded.answered, right_answers = excluded.right_answers,
    right_today = excluded.right_today, right_today_day = excluded.right_today_day,
    game_mode = excluded.game_mode, game_round_id = excluded.game_round_id,
    game_answered = excluded.game_answered, game_right = excluded.game_right,
    daily_day = excluded.daily_day, daily_answered = excluded.daily_answered,
    daily_right = excluded.daily_right, daily_total_ms = excluded.daily_total_ms,
    daily_round_id = excluded.daily_round_id, daily_asked_at = excluded.daily_asked_at,
    daily_is_current = excluded.daily_is_current,
    premium_terms = excluded.premium_terms, modes = excluded.modes,
    premium_version = excluded.premium_version

-- name: append_journal
insert into journal (cause, asset, player_id, amount, reason, at)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::int[], $5::text[], $6::timestamptz[])

-- name: players_to_settle
select id from players
where streak_days > 0 and streak_settled_on < $1::date and id > coalesce($2::bigint, 0)
order by id limit $3

-- name: players_to_push
select id from players
where daily_push and (daily_day = $1::date and daily_answered >= 7) is not true and id > coalesce($2::bigint, 0)
order by id limit $3

-- name: players_to_remind_of_daily
select id from players
where daily_reminder and (daily_day = $1::date and daily_answered >= 7) is not true and id > coalesce($2::bigint, 0)
order by id limit $3

-- name: players_to_remind_of_streak
select id from players
where streak_reminder and streak_days >= 3 and streak_active_on is distinct from $1::date
    and id > coalesce($2::bigint, 0)
order by id limit $3

-- name: players_to_restate
select id, name, language, joined_at,
    energy_free, energy_paid, energy_anchor, energy_topped_up_on,
    streak_days, streak_best, streak_active_on, streak_settled_on, streak_bridged_on, streak_freeze_week,
    saver_tokens, duel_tickets, daily_push, daily_reminder, streak_reminder,
    answered, right_answers, right_today, right_today_day,
    game_mode, game_round_id, game_answered, game_right,
    daily_day, daily_answered, daily_right, daily_total_ms, daily_round_id, daily_asked_at, daily_is_current,
    premium_terms, modes, premium_version
from players where id > coalesce($1::text::bigint, 0) order by id limit $2
