"""Where a command came from, as the string that travels with it and comes back on the events it gives rise to.

Opaque to the other services. `c:<query>:<chat>:<message>` is a tap, `m:<chat>` a message; a chat's topic follows after
a slash: `m:<chat>/<thread>`, and when a tap came in after an at sign, in Unix milliseconds: `c:…:<message>@<time>`.
"""

from datetime import UTC, datetime

import msgspec

NOWHERE = ""


class Origin(msgspec.Struct, frozen=True):
    """A tap (with `query_id`), a message, or nothing at all (`chat_id` 0: nobody asked)."""

    chat_id: int = 0
    query_id: str = ""
    message_id: int = 0
    """The message whose button was tapped; 0 for a command."""
    thread_id: int = 0
    """The topic of the chat that it was in; 0 for none."""
    tapped_at: datetime | None = None
    """When the tap came in; None for a message, and where it is not known."""

    @property
    def is_tap(self) -> bool:
        """Whether a callback query waits for an answer and its message for an edit."""
        return bool(self.query_id)

    def encode(self) -> str:
        """Return the string that `parse` reads."""
        place = f"{self.chat_id}/{self.thread_id}" if self.thread_id else str(self.chat_id)
        if self.query_id:
            since = "" if self.tapped_at is None else f"@{round(self.tapped_at.timestamp() * 1000)}"
            return f"c:{self.query_id}:{place}:{self.message_id}{since}"
        return f"m:{place}" if self.chat_id else NOWHERE

    def as_message(self) -> "Origin":
        """Return the same place as an origin that wants a new message, not an edit."""
        return Origin(chat_id=self.chat_id, thread_id=self.thread_id)


def parse(text: str) -> Origin:
    """Return the origin in a header; anything malformed is nowhere."""
    kind, _, rest = text.partition(":")
    try:
        if kind == "m":
            chat_id, thread_id = _place(rest)
            return Origin(chat_id=chat_id, thread_id=thread_id)
        if kind == "c":
            return _tap(rest)
    except (ValueError, OverflowError, OSError):
        return Origin()
    return Origin()


def _tap(rest: str) -> Origin:
    query_id, place, button = rest.split(":")
    chat_id, thread_id = _place(place)
    message_id, _, since = button.partition("@")
    return Origin(
        chat_id=chat_id,
        query_id=query_id,
        message_id=int(message_id),
        thread_id=thread_id,
        tapped_at=datetime.fromtimestamp(int(since) / 1000, UTC) if since else None,
    )


def _place(text: str) -> tuple[int, int]:
    chat_id, _, thread_id = text.partition("/")
    return int(chat_id), int(thread_id or 0)
