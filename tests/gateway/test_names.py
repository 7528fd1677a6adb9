"""A name that somebody chose is nobody else's advertisement, blank line or broken line."""

from itertools import pairwise

import pytest
from tests.gateway.conftest import PLAYER

from contracts.gameplay import LeaderboardShown, Period, RankedPlayer
from gameplay.domain.player import clean_name
from gateway.presenter import leaderboards
from gateway.presenter.cells import CELLS_MAX, cells
from gateway.presenter.names import GRAPHEME_LENGTH_MAX, ISOLATE, ISOLATE_END, MARKS_MAX, shown
from gateway.texts import Texts
from sandbox.entities.detect import detect

ADVERTISEMENTS = (
    "t.me/casino_bot",
    "https://t.me/x?start=1",
    "tg://resolve?domain=x",
    "@casino_bot",
    "/shop",
    "/shop@casino_bot",
    "#tag",
    "$CASH",
    "win@casino.com",
    "casino.com",
    "1.2.3.4",
    "WIN.CASINO.COM",
    "+49 170 1234567",
    "4242424242424242",
    "казино.рф",
    "Anna t.me/x",
)
BLANKS = ("", " \n ", "ㅤ", "\u2800", "\u115f\u1160", "\u00ad", "\u200d", "\u200b\ufeff", "\U000e0041", "\u0301\u0301",
          "\u202e", "\uffa0", "\u180e", "\u2069\u2069", "\ufe0f", "\U0001d159")  # fmt: skip
JOINED = (
    "👨‍👩‍👧‍👦",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "👩🏽‍❤️‍💋‍👨🏿",
    "🇩🇪",
    "e\u0301",
    "நி",
)


@pytest.mark.parametrize("name", ADVERTISEMENTS)
def test_nothing_in_a_name_is_a_link(name: str) -> None:
    text = f"1. {shown(name)} · 3"
    assert detect(f"1. {name} · 3", []) or not name.startswith(("@", "/", "#", "http", "t.me", "casino"))
    assert detect(text, []) == []
    for sign in "@/#$:.":
        assert all(after == "\u2060" for before, after in pairwise(text[3:-4]) if before == sign)
    assert (
        not any(one.isdigit() and other.isdigit() for one, other in pairwise(text)) or sum(map(str.isdigit, name)) < 5
    )
    assert text.replace("\u2060", "") == f"1. {ISOLATE}{name}{ISOLATE_END} · 3"


@pytest.mark.parametrize("name", BLANKS, ids=ascii)
def test_a_blank_name_has_a_stand_in(name: str, texts: Texts) -> None:
    assert shown(name) == ""
    top = (RankedPlayer(rank=1, player_id=1, name=name, right=5),)
    shown_board = leaderboards.leaderboard_shown(
        LeaderboardShown(player_id=PLAYER, period=Period.DAY, top=top), texts.voice("de")
    )
    assert "Spieler" in shown_board.text


@pytest.mark.parametrize("joined", JOINED)
def test_what_a_reader_takes_for_one_character_stays_whole(joined: str) -> None:
    name = clean_name(joined)
    assert name == joined
    assert shown(name) == f"{ISOLATE}{joined}{ISOLATE_END}"
    fitting = (CELLS_MAX - 1) // cells(joined)
    assert shown(joined * 30) == f"{ISOLATE}{joined * fitting}…{ISOLATE_END}"


def test_a_name_that_runs_from_right_to_left_turns_its_own_line_alone() -> None:
    assert shown("\u202eאבג\u2069\u202c") == f"{ISOLATE}אבג{ISOLATE_END}"


def test_a_name_is_one_line_of_bounded_height() -> None:
    assert shown("a\nb\u2028c\u2029d\re\tf\u0085g") == f"{ISOLATE}a b c d e f g{ISOLATE_END}"
    assert shown("Z" + "\u0301" * 60) == f"{ISOLATE}Z{chr(0x301) * MARKS_MAX}{ISOLATE_END}"
    assert len(shown("👨" + "\u200d👨" * 200)) <= GRAPHEME_LENGTH_MAX + 2
    assert shown("x" * 60) == f"{ISOLATE}{'x' * (CELLS_MAX - 1)}…{ISOLATE_END}"


@pytest.mark.parametrize("name", ["Anna", "Jean-Luc", "José", "O'Neil", "张伟", "Ангелина", "می‌خواهم", "Ben 2"])
def test_an_ordinary_name_reads_as_it_was_written(name: str) -> None:
    assert shown(clean_name(name)).replace("\u2060", "") == f"{ISOLATE}{name}{ISOLATE_END}"
