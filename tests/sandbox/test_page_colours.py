"""The chat page's coloured buttons and tabs can be read: white letters on any colour, in light and in dark."""

import re
from pathlib import Path

import pytest

import sandbox.page
from sandbox.schema.keyboard import STYLES

STATIC = Path(sandbox.page.__file__).parent / "static"
CONTRAST_MIN = 4.5
"""WCAG 2.2, 1.4.3 (AA) for letters of this size."""


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, as WCAG defines it."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def values(name: str) -> list[str]:
    """What the page says of a colour: once for light, maybe again for dark."""
    return re.findall(rf"--{name}: (#[0-9a-f]{{6}});", (STATIC / "base.css").read_text())


@pytest.mark.parametrize("name", [*(f"key-{style}" for style in sorted(STYLES)), "key-disabled", "tab-chosen"])
def test_white_letters_stand_out(name: str) -> None:
    assert values(name)
    for colour in values(name):
        assert 1.05 / (luminance(colour) + 0.05) >= CONTRAST_MIN, colour


def test_every_style_is_drawn() -> None:
    drawn = (STATIC / "bubbles.css").read_text()
    assert {
        style for style in STYLES if f'.key[data-style="{style}"] {{ background: var(--key-{style}); }}' in drawn
    } == STYLES
    assert ".key:disabled" in drawn
