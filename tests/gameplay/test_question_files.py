"""Question files as they really are: every row is read or refused under its own line, and no file is a traceback."""

import base64
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from question_stage import COLUMNS, MIX, in_lines, line, only, refusal, row, sheet, told

from contracts.gameplay import Mode
from gameplay.__main__ import main
from gameplay.store import file_text
from gameplay.store.file_text import UnreadableFileError
from gameplay.store.question_files import read
from gameplay.store.written_rows import RowError

# --- CSV ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [1, 1_300])
def test_a_stray_quotation_mark_costs_its_own_row_and_no_other(after: int):
    more = [line(f"Frage mit der Nummer {n}") for n in range(after)]
    good, bad = told(sheet(line("Erste Frage von allen"), line('"Hier fehlt ein Ende'), *more), "x.csv")
    assert list(good) == [2, *range(4, 4 + after)]
    assert list(bad) == [3]
    assert "opened and not closed" in bad[3]


def test_two_stray_quotation_marks_do_not_swallow_what_stands_between_them():
    torn = 'QUICK_MIX_A1A2;A1;"trees;Torn at its start;a;b;c;d;a;Die Eiche ist ein Baum.;An oak is a tree.'
    good, bad = told(sheet(torn, line("Dazwischen ist alles gut"), torn.replace('"trees', 'trees"'), line()), "x.csv")
    assert (list(good), list(bad)) == ([3, 5], [2, 4])
    good, bad = told(sheet(torn, torn.replace('"trees', 'trees"'), line()), "x.csv")
    assert (list(good), list(bad)) == ([4], [2, 3])


def test_a_cell_over_several_lines_is_one_row_under_its_first_line():
    good, bad = told(sheet(line('"Wie heißt\nder ""Baum""\nim Wald?"'), line()), "x.csv")
    assert list(good) == [5]
    assert bad == {2: "a cell goes over 3 lines; write each cell on one line"}


def test_quotation_marks_that_make_no_sense_are_not_taken_for_something_else():
    good, bad = told(sheet(line('"Ja" sagt der "Baum"'), line('Sagt er "Ja" zum Baum?')), "x.csv")
    assert good == {3: 'Sagt er "Ja" zum Baum?'}
    assert "make no sense" in bad[2]


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", ["\t", ";", ","])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_line_ends_delimiters_and_a_byte_order_mark(mark: str, delimiter: str, start: str):
    data = start.encode() + sheet(line(), "", line("Noch eine Frage?"), mark=mark).replace(b";", delimiter.encode())
    assert list(told(data, "x.csv")[0]) == [2, 4]


def test_what_excel_adds_is_no_row():
    rows = (line(), ";" * 10, ";" * 13, "", line("Noch eine Frage?") + ";;;")
    good, bad = told(b"sep=;\r\n" + sheet(*rows, mark="\r\n", header=COLUMNS.title() + ";;"), "x.csv")
    assert (list(good), bad) == ([3, 7], {})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (sheet(line() + ";die", header=COLUMNS + ";answer"), "twice there: answer"),
        (sheet(line(), header=COLUMNS.replace(";answer", "")), r"missing \['answer'\]"),
        (sheet(line(), header=COLUMNS + ";hint"), r"unknown \['hint'\]"),
        (sheet(line(), header=COLUMNS.replace("text", '"text')), "CSV header: quotation marks"),
        (b"sep=|\n" + sheet(line()), "parted by tabs, semicolons or commas"),
        (b"sep=;\n\n;;;\n", "CSV header: missing"),
        (b'""\n' + sheet(line()), r"CSV header: missing \['text'"),
        (b'sep=;\n" ";""\n', r"CSV header: missing \['text'"),
    ],
)
def test_a_header_that_makes_no_sense(data: bytes, reason: str):
    with pytest.raises(UnreadableFileError, match=reason):
        told(data, "x.csv")


def test_rows_with_too_many_or_too_few_cells_and_with_nul():
    good, bad = told(sheet(line() + ";more", "only;two", line("Wie\0 heißt der Baum?"), line()), "x.csv")
    assert list(good) == [5]
    assert bad[2].startswith("more cells than the header has columns: 12, not 11")
    assert bad[3].startswith("fewer cells than the header has columns: 2, not 11")
    assert bad[4] == "text: U+0000 (a control character) cannot be shown; leave it out"


# --- JSON --------------------------------------------------------------------------------------


def test_an_array_is_read_whatever_its_file_is_called():
    data = json.dumps([row(), row(text="Kurz?"), 3, row(text="Noch eine Frage?")], indent=0).encode()
    starts = [number for number, one in enumerate(data.decode().split("\n"), start=1) if one in ("{", "3,")]
    good, bad = told(data, "x.jsonl")
    assert ([*good, *bad], list(bad)) == ([starts[0], starts[3], *starts[1:3]], starts[1:3])
    assert bad[starts[1]].startswith("text: 5 characters")
    assert bad[starts[2]].startswith("element 3: not a question's JSON object")


@pytest.mark.parametrize("end", ["", "]]", "}", ", ]", "] x"])
def test_an_array_that_breaks_off_is_refused_with_its_line(end: str):
    with pytest.raises(UnreadableFileError, match="breaks off on line 2"):
        told(f"[{json.dumps(row())}\n{end}".encode(), "x.jsonl")


def test_fields_named_twice_are_not_guessed_at():
    twice = json.dumps(row())[:-1] + ', "answer": "Ahorn"}'
    assert refusal(twice.encode()) == "answer: named twice; only one can be meant"
    assert "answer: named twice" in refusal(f"[{twice}]".encode())
    trivia = json.dumps(TRIVIA)[:-1] + ', "correct_answer": "Bonn"}'
    assert "correct_answer: named twice" in refusal(f'{{"results": [{trivia}]}}'.encode(), "x.json")


def test_a_number_without_end_costs_its_row():
    endless = b'{"id": ' + b"9" * 5_000 + b"}"
    rows = (endless, json.dumps(row()).encode())
    for data in (b"\n".join(rows), b"[" + b",\n".join(rows) + b"]"):
        good, bad = told(data, "x.jsonl")
        assert (list(good), list(bad)) == ([2], [1])
        assert "out of range" in bad[1]


def test_a_byte_order_mark_at_the_beginning_of_a_line_is_nothing():
    """Files that were put together have one in the middle, or two."""
    mark, rows = "\ufeff", (json.dumps(row()), json.dumps(row(text="Noch eine Frage?")))
    assert list(told(f"{mark}{mark}{rows[0]}\n{mark}{rows[1]}".encode(), "x.jsonl")[0]) == [1, 2]
    assert list(told(f"{mark}{mark}[{rows[0]}]".encode(), "x.jsonl")[0]) == [1]
    assert list(told(mark.encode() * 2 + sheet(line(), mark + line("Noch eine Frage?")), "x.csv")[0]) == [2, 3]


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000])
@pytest.mark.parametrize("name", ["x.json", "x.jsonl", "x.csv"])
def test_what_is_nested_deeply_is_refused(deep: str, name: str):
    try:
        rows = list(read(deep.encode(), MIX, name=name))
    except UnreadableFileError:
        return
    assert [type(one) for one in rows] == [RowError]


def test_halves_of_surrogate_pairs_and_a_long_line_cost_their_row():
    half = json.dumps(row()).replace("Baum?", "Baum? \\ud83d")
    good, bad = told("\n".join((half, " " * 30_000 + "{}", json.dumps(row()))).encode(), "x.jsonl")
    assert (list(good), list(bad)) == ([3], [1, 2])
    assert "a line of 30002 characters, at most 20000" in bad[2]


# --- Open Trivia DB ----------------------------------------------------------------------------

TRIVIA = {
    "type": "multiple",
    "difficulty": "easy",
    "category": "Science: Nature",
    "question": 'Which "tree" is it?',
    "correct_answer": "Oak & co",
    "incorrect_answers": ["Ash", "Elm", "Fir (Ümlaut)"],
}


def trivia(encode: Callable[[str], str], **change: Any) -> bytes:
    result = {
        key: [encode(one) for one in value] if isinstance(value, list) else encode(str(value))
        for key, value in TRIVIA.items()
    }
    return json.dumps({"response_code": 0, "results": [result]} | change).encode()


def entities(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("Ü", "&Uuml;").replace("Oak", "O&shy;ak")


def base_64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def legacy(text: str) -> str:
    return quote(text.replace('"', "&quot;"), safe=" ").replace(" ", "+")


@pytest.mark.parametrize("encode", [entities, lambda text: quote(text, safe=""), legacy, base_64])
def test_every_encoding_of_the_open_trivia_db(encode: Callable[[str], str]):
    question = only(trivia(encode), "x.json")
    assert (question.text, question.answer, question.category) == ('Which "tree" is it?', "Oak & co", "Science: Nature")
    assert question.options == ("Ash", "Elm", "Fir (Ümlaut)", "Oak & co")
    assert (question.language, question.mode) == ("en", Mode.QUICK_MIX_A1A2)


def test_what_is_escaped_twice_is_refused():
    assert "is escaped (twice?)" in refusal(trivia(lambda text: entities(entities(text))), "x.json")


def test_a_text_that_its_encoding_cannot_hold_costs_its_row():
    encoded = trivia(base_64).decode().replace(base_64("Oak & co"), "Größe")
    assert refusal(encoded.encode(), "x.json").startswith("not an Open Trivia DB result: ")
    endless = trivia(entities).decode().replace("&amp; co", f"&#{'9' * 5_000}; co")
    assert refusal(endless.encode(), "x.json").startswith("not an Open Trivia DB result: ")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (True, "unknown"),
        (5, "asked too often"),
        (1, "too few questions"),
        (4, "every question"),
        ("5", "unknown"),
        (None, "unknown"),
    ],
)
def test_only_a_success_of_the_open_trivia_db_is_one(code: Any, reason: str):
    with pytest.raises(UnreadableFileError, match=reason):
        told(trivia(entities, response_code=code), "x.json")


# --- files that are none -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n\n", "empty"),
        (gzip.compress(b"{}", mtime=0), "gzip"),
        (b"PK\x03\x04" + bytes(30), "ZIP archive or an Excel workbook"),
        (in_lines(row()).decode().encode("utf-16"), "UTF-16"),
        (in_lines(row()).decode().encode("utf-16-le"), "UTF-16"),
        ("x\n„Eiche“ ä".encode("cp1252"), r"not UTF-8 \(byte 0x84 on line 2"),
        (bytes(range(256)) * 4, "not UTF-8"),
        (bytes(1000), "NUL"),
    ],
)
@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.json"])
def test_what_is_no_text_is_refused_in_words(
    tmp_path: Path, data: bytes, reason: str, name: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(UnreadableFileError, match=reason):
        told(data, name)
    (tmp_path / name).write_bytes(data)
    assert main(["import", str(tmp_path / name)]) == 1
    assert capsys.readouterr().err.startswith(f"{tmp_path / name}: ")


def test_folders_pipes_and_missing_files_are_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    for name, reason in (("folder", "a folder"), ("pipe", "not a regular file"), ("none", "No such file")):
        assert main(["import", str(tmp_path / f"{name}.csv"), "--dry-run"]) == 1
        assert reason in capsys.readouterr().err


def test_a_file_that_is_too_big_is_not_read_to_its_end(tmp_path: Path):
    with (tmp_path / "big.csv").open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(UnreadableFileError, match="more than 33554432 bytes; split it"):
        list(read(tmp_path / "big.csv"))
    assert len(file_text.load(tmp_path / "big.csv")) == file_text.FILE_SIZE_MAX + 1


def test_a_refusal_steers_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "x.jsonl").write_bytes(rb'{"\u001b[2J\u202egood": 1}')
    assert main(["import", str(tmp_path / "x.jsonl"), "--dry-run"]) == 1
    assert r"\x1b[2J\u202egood" in capsys.readouterr().err


def test_a_dry_run_without_a_database_counts_the_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("POSTGRES_DSN", raising=False)
    (tmp_path / "x.csv").write_bytes(sheet(line(), line("Kurz?"), "", line("Noch eine Frage?")))
    assert main(["import", str(tmp_path / "x.csv"), "--dry-run"]) == 1
    assert capsys.readouterr().out.startswith("3 rows: 2 good, 1 bad; nothing was written")
