"""A rendered screen: what a chat is to show, before anyone decides whether that is an edit or a new message."""

from uuid import UUID

import msgspec

TEXT_MAX = 4096
TOAST_MAX = 200


class Button(msgspec.Struct, frozen=True, omit_defaults=True):
    """One button of an inline keyboard, laid out as the Bot API wants it: either data or an address."""

    text: str
    callback_data: str | None = None
    url: str | None = None


Keyboard = tuple[tuple[Button, ...], ...]


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """Text in Telegram's HTML, its buttons, and the toast for the tap that led here."""

    text: str = ""
    """Empty when only the toast is to be shown."""
    keyboard: Keyboard = ()
    toast: str = ""
    """At most 200 characters, plain text."""
    alert: bool = False
    """Show the toast as a box that must be closed."""
    round_id: UUID | None = None
    """The open round on this screen: makes the message the live game message."""
