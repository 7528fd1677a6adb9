-- name: load_switches
select id, enabled from questions where id = any($1::text[]) order by id for update

-- name: save_switches
update questions set enabled = t.enabled, changed_at = now()
from unnest($1::text[], $2::bool[]) as t (id, enabled) where questions.id = t.id

-- name: bank_version
select version from bank_version

-- name: lock_shipped_mark
select shipped from bank_version for update

-- name: keep_shipped_mark
update bank_version set shipped = $1

-- name: all_questions
select id, mode, level, category, text, options, answer, explanation, explanation_en, language,
    case when enabled then status else 'DISABLED' end as status
from questions order by id

-- name: put_questions
insert into questions (
    id, mode, level, category, text, options, answer, explanation, explanation_en, language, status
)
select id, mode, level, category, text, array(select json_array_elements_text(options)), answer,
    explanation, explanation_en, language, status
from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::json[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[]
) as t (id, mode, level, category, text, options, answer, explanation, explanation_en, language, status)
on conflict (id) do update set
    mode = excluded.mode, level = excluded.level, category = excluded.category, text = excluded.text,
    options = excluded.options, answer = excluded.answer, explanation = excluded.explanation,
    explanation_en = excluded.explanation_en, language = excluded.language, status = excluded.status,
    changed_at = now()
where (questions.mode, questions.level, questions.category, questions.text, questions.options, questions.answer,
    questions.explanation, questions.explanation_en, questions.language, questions.status)
    is distinct from (excluded.mode, excluded.level, excluded.category, excluded.text, excluded.options,
    excluded.answer, excluded.explanation, excluded.explanation_en, excluded.language, excluded.status)
returning id, (xmax = 0) as added

-- name: put_daily_sets
insert into daily_sets (day, question_ids)
select day, array(select json_array_elements_text(ids))
from unnest($1::date[], $2::json[]) as t (day, ids)
on conflict (day) do nothing

-- name: daily_sets
select day, question_ids from daily_sets where day = any($1::date[])
