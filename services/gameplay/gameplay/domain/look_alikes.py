"""Options that nobody can tell apart on a button: differing in blanks, capitals or other scripts' letters only."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations
from typing import Any, Final, cast

from contracts.foreign_text import UNSEEN

ADDRESS: Final = frozenset(("sie", "ihr", "ihre", "ihrem", "ihren", "ihrer", "ihres", "ihnen"))
"""Words that mean somebody else with a capital letter."""

_SPELLING: Final = re.compile(r"schr(?:ei|ie)b|orthogra|spell|capital|großbuchst|kleinbuchst", re.IGNORECASE)


def alike(options: Sequence[str], about: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of options that look the same.

    Umlauts, ß and ss, accents and digits are told apart: they may be the question's very point. So are capital letters
    where `about` (the question's text and category) speaks of spelling, and in words of address (sie and Sie).
    """
    is_spelling = _SPELLING.search(about) is not None
    for one, other in combinations(options, 2):
        first, second = _shape(one).split(), _shape(other).split()
        if [word.lower() for word in first] == [word.lower() for word in second] and not (
            first != second and (is_spelling or _is_address(first, second))
        ):
            yield one, other


def _is_address(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether two texts differ in nothing but the first letters of words of address."""
    pairs = [(one, other) for one, other in zip(first, second, strict=True) if one != other]
    return all(one[1:] == other[1:] and _letters(one) in ADDRESS for one, other in pairs)


def _letters(word: str) -> str:
    return word.lower().strip(".,;:!?…\"'()")


def _shape(text: str) -> str:
    return "".join(char if char.isascii() else _latin(char) for char in text)


@cache
def _latin(char: str) -> str:
    """Return what a character passes for among plain Latin ones; nothing for one that is not seen, else itself."""
    if char in UNSEEN or is_variation(char):
        return ""
    twins = (entry["c"] for entry in _confusables().get(char, ()))
    return next((twin for twin in twins if twin.isascii()), char)


def is_variation(char: str) -> bool:
    """Whether a character is not seen itself, but chooses another form of the one before it."""
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


@cache
def _confusables() -> dict[str, list[dict[str, str]]]:
    # Read at the first question with a foreign character: it is a megabyte, and playing needs none of it.
    from confusable_homoglyphs import confusables

    return cast(dict[str, list[dict[str, str]]], cast(Any, confusables).confusables_data)
