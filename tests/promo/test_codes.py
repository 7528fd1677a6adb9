"""Codes: how they are read, what is kept of them, and how batches are made (DOMAIN §7)."""

import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.promo import PepperError, Peppers, normalised
from promo.domain.code_making import ALPHABET, BatchError, NewCode, checked, make
from promo.store.code_files import read_codes

OLD, NEW = "an old and long pepper", "a new and long pepper"


@pytest.mark.parametrize(
    ("typed", "read"),
    [("sommer-26", "SOMMER26"), ("  SOM mer\t26 ", "SOMMER26"), ("", ""), ("  ", ""), ("-", ""), ("x" * 65, "")],
)
def test_a_code_is_read_without_white_space_and_hyphens_in_capitals(typed: str, read: str) -> None:
    assert normalised(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "som\N{NON-BREAKING HYPHEN}mer\N{EN DASH}26",
        "som\N{MINUS SIGN}mer\N{SOFT HYPHEN}26",
        "\N{ZERO WIDTH NO-BREAK SPACE}som\N{ZERO WIDTH SPACE}mer\N{NO-BREAK SPACE}26",
        "ｓｏｍｍｅｒ２６",
        "sommer\x0026",
    ],
)
def test_what_looks_the_same_reads_the_same(typed: str) -> None:
    assert normalised(typed) == "SOMMER26"


@pytest.mark.parametrize(
    ("typed", "as_well"),
    [("straße", "STRAẞE"), ("grün", "GRU\u0308N"), ("winter", "WİNTER"), ("winter", "wınter"), ("ﬁx", "FIX")],
)
def test_a_letter_reads_the_same_however_it_is_written(typed: str, as_well: str) -> None:
    assert normalised(typed) == normalised(as_well) != ""


def test_letters_of_another_alphabet_are_others() -> None:
    assert normalised("А") != normalised("A")  # the first is Cyrillic


@given(st.text(st.characters(exclude_categories=()), max_size=70))
@example("A\u200b\u030a")
@example("\u1e9e" * 33)
@example("\ufdfa" * 4)
def test_what_was_read_reads_as_it_is(typed: str) -> None:
    read = normalised(typed)
    assert normalised(read) == read
    assert len(read) <= 64
    assert "\x00" not in read


def test_the_newest_pepper_writes_and_all_are_tried() -> None:
    both, old = Peppers.parse(f" {NEW}, {OLD} "), Peppers([OLD])
    assert both.fingerprint("sommer-26") == Peppers([NEW]).fingerprint("SOMMER26")
    assert old.fingerprint("SOMMER 26") in both.fingerprints("sommer26")
    assert len(set(both.fingerprints("sommer26"))) == 2
    assert both.fingerprints("-") == ()


@pytest.mark.parametrize("setting", ["", "short", f"{OLD},{OLD}", f"{OLD},x"])
def test_peppers_that_protect_nothing_are_refused_and_none_is_named(setting: str) -> None:
    with pytest.raises(PepperError) as refused:
        Peppers.parse(setting)
    assert OLD not in str(refused.value)
    assert OLD not in repr(Peppers([OLD]))


def test_what_is_typed_may_be_anything_at_all() -> None:
    assert len(Peppers([OLD]).fingerprints("\ud800 ☃ \x00")) == 1


def test_made_codes_are_different_and_of_letters_that_nobody_misreads() -> None:
    dice = random.Random(7)
    codes = make(500, dice.choice, prefix="fr-2", length=6)
    assert len({code.text for code in codes}) == 500
    assert all(code.text.startswith("FR2") and set(code.text[3:]) <= set(ALPHABET) for code in codes)
    assert len(ALPHABET) == 32
    assert not set("IO01") & set(ALPHABET)


@pytest.mark.parametrize("given", [{"count": 0}, {"length": 5}, {"length": 65}, {"prefix": "Ä"}, {"prefix": "--"}])
def test_a_batch_that_makes_no_sense_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(BatchError):
        make(**{"count": 1, "choice": min, **given})  # type: ignore[arg-type]


def test_a_code_twice_in_a_batch_is_refused_by_its_lines_and_not_quoted() -> None:
    with pytest.raises(BatchError, match="line 4: the same code as in line 2") as refused:
        checked([(2, NewCode("sommer26")), (3, NewCode("WINTER26")), (4, NewCode("SOM-MER 26"))])
    assert "26" not in str(refused.value)


def test_a_csv_file_is_read_with_who_a_code_is_for(tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("\ufeffcode,player_id\r\nsommer26,\r\nwinter26,42\r\n", encoding="utf-8")
    assert checked(read_codes(file)) == [NewCode("SOMMER26"), NewCode("WINTER26", 42)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("kod\nsommer26\n", "line 1"),
        ("code,player_id\nsommer26,-4\n", "line 2: player_id"),
        ('code\n"unclosed\n', "cannot be read"),
        ("code\n", "codes: a batch has 1 to"),
        ("code;player_id\nsommer26;7\n", "line 1.*commas"),
        ("code,player_id\nsommer26," + "9" * 5000, "line 2: player_id"),
        ("code\n\x00\u200b-\n", "line 2: a code"),
        ("code,player_id\n ,4\n", "line 2: a code"),
    ],
)
def test_a_bad_file_is_refused_with_the_line(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "codes.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BatchError, match=reason) as refused:
        checked(read_codes(file))
    assert "sommer26" not in str(refused.value)
