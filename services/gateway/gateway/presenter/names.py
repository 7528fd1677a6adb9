"""How a name that its bearer chose is shown to others: inert, isolated, of bounded breadth and height.

Telegram makes links of whatever looks like one, in plain and in HTML texts alike, and offers no way to switch that off
for a part of a text. A word joiner, which is not seen, after each sign that such a thing begins with or hinges on
(`@ / # $ . :`, a digit of a phone number) leaves nothing to find: TDLib ends addresses, mentions, commands, hashtags,
cashtags and card numbers there.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from grapheme import graphemes

from contracts.foreign_text import UNSEEN
from gateway.presenter.cells import CELLS_MAX, cells, is_a_line

MARKS_MAX = 3
"""Combining marks upon one character; written languages need no more."""
GRAPHEME_LENGTH_MAX = 16
"""In code points; the longest emoji in use have eleven."""
ISOLATE, ISOLATE_END = "\u2068", "\u2069"
JOINER = "\u2060"
NUMBER_LENGTH_MIN = 5
"""With so many digits a name may hold a number that can be called or charged; every client draws its own line."""
_SIGNS = frozenset("@/#$.:\\＠／＃＄．：。｡․")
_JOINING = "\u200c\u200d"
_FLAG = "\U0001f3f4"
_SPACES = ("Zs", "Zl", "Zp", "Cc")


@lru_cache(maxsize=8192)
def shown(name: str) -> str:
    """Return a name as it may stand in a text; empty when there is nothing to be seen of it."""
    spaced = "".join(_pieces(_visible(name)))
    whole = list(graphemes(" ".join(spaced.split())))
    if cells("".join(whole)) > CELLS_MAX:
        whole = [*_beginning(whole, CELLS_MAX - 1), "…"]
    return f"{ISOLATE}{_inert(whole)}{ISOLATE_END}" if whole else ""


def _beginning(whole: list[str], cells_max: int) -> list[str]:
    """Return the graphemes (what a reader takes for one character) that fit."""
    ends = accumulate(cells(piece) for piece in whole)
    return [piece for piece, end in zip(whole, ends, strict=True) if end <= cells_max]


def _visible(name: str) -> str:
    """Return the name without what steers its neighbours or is not seen; every kind of space is one."""
    return "".join(_letter(letter) for letter in name)


def _letter(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind in _SPACES or letter == "\u2800":
        return " "
    if kind == "Cf":
        return letter if letter in _JOINING or _is_tag(letter) else ""
    if kind in ("Cs", "Co") or letter in UNSEEN or 0xFFF0 <= ord(letter) <= 0xFFF8 or ord(letter) & 0xFFFE == 0xFFFE:
        return ""
    if is_a_line(letter):
        return ""
    return "" if kind == "Cn" and 0xE0000 <= ord(letter) <= 0xE0FFF else letter


def _is_tag(letter: str) -> bool:
    return "\U000e0020" <= letter <= "\U000e007f"


def _pieces(text: str) -> Iterator[str]:
    for piece in graphemes(text):
        if len(piece) == 1 and piece.isascii():
            yield piece
        elif piece[0] == " ":
            yield " "
        elif not _is_dependent(piece[0]):
            yield _bounded(piece)


def _is_dependent(letter: str) -> bool:
    """Whether this cannot stand by itself: a mark, a joiner, a tag."""
    return unicodedata.category(letter) in ("Mn", "Me", "Mc", "Cf")


def _bounded(piece: str) -> str:
    """Return one grapheme with a bounded pile of marks, and no tags but those of a flag."""
    if len(piece) > GRAPHEME_LENGTH_MAX and unicodedata.category(piece[1]) not in ("Mn", "Me"):
        return piece[0]
    kept: list[str] = []
    marks = 0
    for letter in piece:
        kind = unicodedata.category(letter)
        marks = marks + 1 if kind in ("Mn", "Me") else marks if kind == "Cf" else 0
        piled = marks > MARKS_MAX or (letter in _JOINING and kept[-1] in _JOINING)
        if not piled and (piece[0] == _FLAG or not _is_tag(letter)):
            kept.append(letter)
    return "".join(kept[:GRAPHEME_LENGTH_MAX])


def _inert(whole: list[str]) -> str:
    """Join the graphemes so that Telegram finds nothing among them."""
    numbered = sum(piece[0].isdigit() for piece in whole) >= NUMBER_LENGTH_MIN
    parts = [piece + JOINER if _is_hinge(piece[0], numbered=numbered) else piece for piece in whole]
    return "".join(parts).removesuffix(JOINER)


def _is_hinge(letter: str, *, numbered: bool) -> bool:
    return letter in _SIGNS or (numbered and letter.isdigit()) or unicodedata.category(letter) == "Sc"
