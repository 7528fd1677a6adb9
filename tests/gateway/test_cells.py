"""A line of the leaderboard stays a line, whatever its bearer's name is made of."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameplay.domain.player import clean_name
from gateway.presenter.cells import CELLS_MAX, cells
from gateway.presenter.names import ISOLATE, ISOLATE_END, JOINER, shown

FAMILY = "👨‍👩‍👧‍👦"


def bare(name: str) -> str:
    return shown(clean_name(name)).strip(ISOLATE + ISOLATE_END).replace(JOINER, "")


@pytest.mark.parametrize("sign", ["\ufdfd", "\U00012031", "\U0001242b", "\U00012219"])
def test_a_sign_as_wide_as_a_line_is_not_shown(sign: str) -> None:
    assert bare(sign * 24) == ""
    assert bare(f"Anna{sign}") == "Anna"


@pytest.mark.parametrize("sign", ["\ufdfa", "\u0bf5", "\u2e3b", "\ua9c5", "\U00013000", "\u0df4", "\u102a"])
def test_of_broad_signs_there_are_few(sign: str) -> None:
    assert sum(one == sign for one in bare(sign * 24)) <= 8


@pytest.mark.parametrize("sign", ["张", "Ａ", "😀", "한", "🇩🇪", "❤️", "\u1100", "👍🏽", FAMILY])
def test_signs_of_two_cells_are_half_as_many(sign: str) -> None:
    assert 0 < bare(sign * 24).count(sign) <= 11
    assert cells(bare(sign * 24)) <= CELLS_MAX


@pytest.mark.parametrize(
    "name",
    [
        "Maximilian-Alexander M.",
        "张伟张伟张伟张伟张伟",
        "😀😀😀 Anna 😀😀😀",
        "Ahmad \ufdfa",
        "𝓐𝓷𝓷𝓪 𝓑𝓮𝓻𝓰𝓮𝓻 𝓢",
        "நிலா தமிழ்",
    ],
)
def test_a_name_that_fits_is_whole(name: str) -> None:
    assert bare(name) == name


def test_what_joins_signs_may_join_nothing_that_a_client_knows() -> None:
    """A client draws such signs one beside the other."""
    assert bare("\U0001f438\u200d\U0001f438" * 20).count("\U0001f438") <= 12


@given(st.text(max_size=64))
def test_no_name_is_wider_than_its_place(name: str) -> None:
    shown_name = bare(name)
    assert cells(shown_name) <= CELLS_MAX
    assert sum(unicodedata.east_asian_width(one) in "WF" for one in shown_name) <= CELLS_MAX // 2
