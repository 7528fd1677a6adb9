"""How broad text is, in cells: a Latin letter takes one. A line of a phone has about forty.

Unicode says that of East Asian signs and emoji. Of the others it says nothing, and the broadest of them are forty cells
by themselves. What a sign looks like joined to others depends on the client, so each is counted.
"""

import unicodedata

CELLS_MAX = 24
"""Of a name in a line with its place and its points."""

_BROAD: dict[int, int] = {
    **dict.fromkeys(range(0x0BF0, 0x0BFB), 4),  # Tamil numbers and signs of the calendar
    **dict.fromkeys((0x0DF4, 0x102A, 0x2E3A, 0x2E3B), 4),
    **dict.fromkeys(range(0xA9C1, 0xA9D0), 4),  # Javanese ornaments
    **dict.fromkeys(range(0xFDF0, 0xFE00), 6),  # Arabic phrases in one sign
}
_HIEROGLYPHS = range(0x13000, 0x14680)
_CUNEIFORM = range(0x12000, 0x12550)
_BISMILLAH = 0xFDFD
_ALPHABETS = range(0x1D400, 0x1D800)
"""Latin and Greek letters in other clothes."""
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_AS_EMOJI = 0xFE0F
"""Makes a picture of a sign, which is broader."""


def is_a_line(letter: str) -> bool:
    """Whether one sign may be as broad as a whole line."""
    return ord(letter) == _BISMILLAH or ord(letter) in _CUNEIFORM


def cells(text: str) -> int:
    """Return how many cells a text takes at most, about."""
    return sum(_cells_of(letter) for letter in text)


def _cells_of(letter: str) -> int:
    if letter.isascii():
        return 1
    code = ord(letter)
    if code == _AS_EMOJI:
        return 1
    if unicodedata.category(letter) in ("Mn", "Cf"):
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return 2
    if code < 0x10000:
        return _BROAD.get(code, 1)
    if code in _HIEROGLYPHS:
        return 3
    return 1 if code in _ALPHABETS or code in _FLAG_LETTERS else 2
