"""A rendered screen: what a chat is to show, before anyone decides whether that is an edit or a new message."""

from enum import StrEnum
from uuid import UUID

import msgspec

TEXT_MAX = 4096
"""UTF-16 code units of what is to be read, without the markup."""
TOAST_MAX = 200


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units, which is what Telegram counts in: an emoji has two or more."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def shortened(text: str, units_max: int) -> str:
    """Return a plain text of at most `units_max` UTF-16 code units; what is longer ends in three dots."""
    if units(text) <= units_max:
        return text
    kept = text.encode("utf-16-le", "surrogatepass")[: 2 * (units_max - 1)]
    return kept.decode("utf-16-le", "ignore") + "…"


class Style(StrEnum):
    """Colours that a button may have; without one the player's app chooses."""

    PRIMARY = "primary"
    """Blue."""
    SUCCESS = "success"
    """Green."""
    DANGER = "danger"
    """Red."""


class CopyText(msgspec.Struct, frozen=True):
    """What a button puts on the player's clipboard, 1-256 characters."""

    text: str


class Disabled(msgspec.Struct, frozen=True):
    """Marks a button that does nothing."""


class Button(msgspec.Struct, frozen=True, omit_defaults=True):
    """One button of an inline keyboard, laid out as the Bot API wants it: one of data, address, copy and disabled."""

    text: str
    callback_data: str | None = None
    url: str | None = None
    style: str | None = None
    """A `Style`; a plain string on the wire, so that an older replica reads the colours of a newer one."""
    copy_text: CopyText | None = None
    disabled: Disabled | None = None


Keyboard = tuple[tuple[Button, ...], ...]


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """Text in Telegram's HTML, its buttons, and the toast for the tap that led here."""

    text: str = ""
    """Empty when only the toast is to be shown."""
    keyboard: Keyboard = ()
    toast: str = ""
    """At most `TOAST_MAX` UTF-16 code units, plain text."""
    alert: bool = False
    """Show the toast as a box that must be closed."""
    round_id: UUID | None = None
    """The open round on this screen: makes the message the live game message."""
    is_silent: bool = False
    """Whether a new message comes without a sound."""
