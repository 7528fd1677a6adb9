"""The bank's files (DOMAIN §3): the linter, and reading each format."""

import json
from pathlib import Path

import pytest

from contracts.gameplay import Level, Mode
from gameplay.__main__ import main
from gameplay.domain.bank import Question
from gameplay.store import bank_lint
from gameplay.store.file_text import UnreadableFileError
from gameplay.store.question_files import Defaults, read, shipped_questions
from gameplay.store.written_rows import RowError

GOOD = {
    "id": "qm-a1-001",
    "mode": "QUICK_MIX_A1A2",
    "level": "A1",
    "category": "food",
    "text": "Was trinkt man zum Frühstück?",
    "options": ["Kaffee", "Teller", "Löffel", "Stuhl"],
    "answer": "Kaffee",
    "explanation": "Kaffee ist ein Getränk.",
    "explanation_en": "Kaffee (coffee) is a drink.",
    "language": "de",
    "status": "ACTIVE",
}


def write_lines(folder: Path, name: str, *rows: object) -> Path:
    file = folder / name
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def errors_of(path: Path, defaults: Defaults | None = None) -> dict[int, str]:
    return {row.line: row.reason for row in read(path, defaults) if isinstance(row, RowError)}


def questions_of(path: Path, defaults: Defaults | None = None) -> list[Question]:
    return [row[1] for row in read(path, defaults) if not isinstance(row, RowError)]


# --- the linter --------------------------------------------------------------------------------


def test_the_shipped_bank_is_in_order(capsys: pytest.CaptureFixture[str]):
    assert main(["lint-bank"]) == 0
    assert len(shipped_questions()) >= bank_lint.QUESTIONS_MIN
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"options": ["Kaffee", "Teller", "Löffel"]}, "options: 3, exactly 4"),
        ({"options": ["Kaffee", "Teller", "Teller", "Stuhl"]}, "options: two are the same"),
        ({"answer": "Tee"}, "answer: 'Tee' is none of the options"),
        ({"text": "Kurz?"}, "text: 5 characters"),
        ({"text": "x" * 201}, "text: 201 characters"),
        ({"options": ["Kaffee", "Teller", "Löffel", "x" * 41]}, "option: 41 characters"),
        ({"explanation": ""}, "explanation: 0 characters"),
        ({"explanation_en": "x" * 191}, "explanation_en: 191 characters"),
        ({"mode": "CHESS"}, "mode: 'CHESS' is none of"),
        ({"mode": "WORD_ORDER"}, "mode: WORD_ORDER belongs into word_order.jsonl"),
        ({"level": "C1"}, "level: 'C1' is none of"),
        ({"status": "GONE"}, "status: 'GONE' is none of"),
        ({"category": ""}, "category: missing"),
        ({"id": "a b"}, "id: 'a b'"),
        ({"text": "Zwei Zeilen\nsind eine zu viel"}, "text: must be one line"),
        ({"hint": "x"}, "unknown field `hint`"),
        ({"explanation": "Kaffee ist ein Getränk.."}, "explanation: a sentence ends twice: '..'"),
        ({"explanation_en": "Is coffee a drink?. Yes."}, "explanation_en: a sentence ends twice: '?.'"),
        ({"text": "Hier stimmt etwas nicht.."}, "text: a sentence ends twice"),
    ],
)
def test_the_linter_names_file_line_and_reason(tmp_path: Path, change: dict[str, object], reason: str):
    other = GOOD | {"id": "qm-a1-000", "text": "Eine andere Frage?"}
    write_lines(tmp_path, "quick_mix_a1a2.jsonl", other, GOOD | change)
    found = [line for line in bank_lint.lint(tmp_path) if line.startswith("quick_mix_a1a2.jsonl:2: ")]
    assert len(found) == 1
    assert reason in found[0]


def test_the_linter_finds_doubles_and_small_banks(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    write_lines(tmp_path, "quick_mix_a1a2.jsonl", GOOD, GOOD | {"id": "qm-a1-002"}, GOOD, "{")
    assert main(["lint-bank", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert "quick_mix_a1a2.jsonl:2: text is the same as at quick_mix_a1a2.jsonl:1" in told
    assert "quick_mix_a1a2.jsonl:3: id: qm-a1-001 is on line 1 already" in told
    assert "quick_mix_a1a2.jsonl:4: not a question's JSON object" in told
    assert "word_order.jsonl:1: 0 questions, at least 100 are needed" in told
    assert "bank:1: 2 questions in all, at least 600 are needed" in told
    assert "daily_challenge.jsonl:1: 0 of level B1, at least 20 are needed" in told


# --- reading files -----------------------------------------------------------------------------


def test_json_lines_give_the_good_rows_and_say_what_is_wrong_with_the_others(tmp_path: Path):
    file = write_lines(tmp_path, "more.jsonl", GOOD, "", "not json", GOOD | {"id": "b", "answer": "?"}, {"text": 3})
    assert [question.id for question in questions_of(file)] == ["qm-a1-001"]
    assert list(errors_of(file)) == [3, 4, 5]


@pytest.mark.parametrize("mark", [",", ";"])
def test_csv_with_commas_or_semicolons(tmp_path: Path, mark: str):
    columns = ["mode", "level", "category", "text", "option_1", "option_2", "option_3", "option_4", "answer"]
    columns += ["explanation", "explanation_en"]
    row = ["WORD_ORDER", "A2", "verb", '"Wie heißt es? Sag ""ja""."', "a", "b", "c", "d", "b", "x" * 20, "y" * 20]
    lines = [
        mark.join(columns),
        mark.join(row),
        mark.join(row[:-1]),
        mark.join([*row, "z"]),
        mark.join(["X", *row[1:]]),
    ]
    file = tmp_path / "more.csv"
    file.write_text("\ufeff" + "\r\n".join(lines), encoding="utf-8")
    (question,) = questions_of(file)
    assert question.text == 'Wie heißt es? Sag "ja".'
    assert (question.mode, question.options, question.language) == (Mode.WORD_ORDER, ("a", "b", "c", "d"), "de")
    errors = errors_of(file)
    assert list(errors) == [3, 4, 5]
    assert "fewer cells" in errors[3]
    assert "more cells" in errors[4]
    assert "mode: 'X'" in errors[5]


def test_a_csv_header_that_lacks_columns_is_refused_as_a_whole(tmp_path: Path):
    file = tmp_path / "more.csv"
    file.write_text("question,answer\nx,y\n", encoding="utf-8")
    with pytest.raises(UnreadableFileError, match=r"missing \['text', 'option_1'"):
        errors_of(file)


TRIVIA = {
    "type": "multiple",
    "difficulty": "medium",
    "category": "Entertainment: Film",
    "question": "Who said &quot;I&#039;ll be back&quot;?",
    "correct_answer": "Arnold",
    "incorrect_answers": ["Bruce &amp; Co", "Clint", "Dolph"],
}


def test_open_trivia_db(tmp_path: Path):
    rows = [
        TRIVIA,
        TRIVIA | {"type": "boolean"},
        TRIVIA | {"incorrect_answers": ["Arnold", "b", "c"]},
        {"type": 1},
        TRIVIA,
    ]
    file = tmp_path / "trivia.json"
    file.write_text(json.dumps({"response_code": 0, "results": rows}), encoding="utf-8")
    (question,) = questions_of(file, Defaults(mode="QUICK_MIX_A1A2"))
    assert question.text == 'Who said "I\'ll be back"?'
    assert question.options == ("Arnold", "Bruce & Co", "Clint", "Dolph")
    assert (question.answer, question.level, question.language) == ("Arnold", Level.B1, "en")
    errors = errors_of(file, Defaults(mode="QUICK_MIX_A1A2"))
    assert list(errors) == [2, 3, 4, 5]
    assert "already" in errors[5]
    assert "mode: ''" in errors_of(file)[1]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("x.json", b"[1]", "not an Open Trivia DB file"),
        ("x.json", b"{", "not an Open Trivia DB file"),
        ("x.jsonl", b"\xff\xfe", "not UTF-8"),
        ("x.txt", b"", r"expected .jsonl, .csv or .json"),
    ],
)
def test_files_that_make_no_sense(
    tmp_path: Path, name: str, content: bytes, reason: str, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / name).write_bytes(content)
    assert main(["import", str(tmp_path / name)]) == 1
    assert reason in capsys.readouterr().err


def test_the_same_question_without_an_id_has_the_same_id_every_time(tmp_path: Path):
    nameless = {key: value for key, value in GOOD.items() if key != "id"}
    file = write_lines(tmp_path, "a.jsonl", nameless, nameless | {"options": ["Stuhl", "Teller", "Löffel", "Kaffee"]})
    (question,) = questions_of(file)
    assert question.id.startswith("x-")
    assert "already" in errors_of(file)[2]


# --- into the database and into memory ---------------------------------------------------------
