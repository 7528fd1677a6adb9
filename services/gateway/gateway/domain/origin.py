"""Where a command came from, as the string that travels with it and comes back on the events it gives rise to.

Opaque to the other services. `c:<query>:<chat>:<message>` is a tap, `m:<chat>` a message.
"""

import msgspec

NOWHERE = ""


class Origin(msgspec.Struct, frozen=True):
    """A tap (with `query_id`), a message, or nothing at all (`chat_id` 0: nobody asked)."""

    chat_id: int = 0
    query_id: str = ""
    message_id: int = 0
    """The message whose button was tapped; 0 for a command."""

    @property
    def is_tap(self) -> bool:
        """Whether a callback query waits for an answer and its message for an edit."""
        return bool(self.query_id)

    def encode(self) -> str:
        """Return the string that `parse` reads."""
        if self.query_id:
            return f"c:{self.query_id}:{self.chat_id}:{self.message_id}"
        return f"m:{self.chat_id}" if self.chat_id else NOWHERE

    def as_message(self) -> "Origin":
        """Return the same chat as an origin that wants a new message, not an edit."""
        return Origin(chat_id=self.chat_id)


def parse(text: str) -> Origin:
    """Return the origin in a header; anything malformed is nowhere."""
    kind, _, rest = text.partition(":")
    try:
        if kind == "m":
            return Origin(chat_id=int(rest))
        if kind == "c":
            query_id, chat_id, message_id = rest.split(":")
            return Origin(chat_id=int(chat_id), query_id=query_id, message_id=int(message_id))
    except ValueError:
        return Origin()
    return Origin()
