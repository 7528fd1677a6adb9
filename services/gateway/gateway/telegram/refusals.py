"""What Telegram means by its errors: the code says little, the words of the description the rest.

The words were read off the Bot API's server and its users' reports; Telegram documents none of them.
"""

import structlog

from actors.effects import Again, asked_seconds
from gateway.telegram.session import Reply

OUTAGE_SECONDS = 2.0
DENIED_SECONDS = 30.0
"""Until somebody has set another token or address, every call is as good as the last one."""

_NO_SUCH_CHAT = ("chat not found",)
_NO_SUCH_MESSAGE = ("message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID")
_TOO_OLD = ("can't be deleted",)
"""Bots take back what is less than 48 hours old."""
_NO_TOPIC = ("message thread not found", "TOPIC_CLOSED", "TOPIC_DELETED", "TOPIC_ID_INVALID")
_BUTTONS = ("can't parse inline keyboard button", "BUTTON_TYPE_INVALID", "BUTTON_INVALID")
_NO_RIGHTS = (
    "no rights to send",
    "not enough rights",
    "need administrator rights",
    "CHAT_WRITE_FORBIDDEN",
    "CHAT_RESTRICTED",
    "CHAT_SEND_PLAIN_FORBIDDEN",
    "PEER_ID_INVALID",
)
"""A group or channel that the bot is in and may not write to."""
_DENIED = (401, 404)
"""A token that is none (any more), an address that is none, or a method that whatever stands there does not know."""
_LOGGED_OUT = ("Logged out",)
"""A token that somebody took to another server."""

log = structlog.get_logger()


def put_off(reply: Reply) -> Again | None:
    """Return when to repeat a call that was refused for what no call can help; None for what is about the call."""
    if reply.error_code == 429:
        return Again(after_seconds=asked_seconds(reply.parameters.retry_after))
    if is_denied(reply):
        log.error("bot_api_denied", code=reply.error_code, description=reply.description)
        return Again(after_seconds=DENIED_SECONDS, pause="all")
    return Again(after_seconds=OUTAGE_SECONDS) if reply.error_code >= 500 else None


def is_denied(reply: Reply) -> bool:
    """Whether nobody looked at the call: it is our token or the address that is wrong."""
    return reply.error_code in _DENIED or _says(reply, _LOGGED_OUT)


def is_unchanged(reply: Reply) -> bool:
    """Whether an edit was refused because the message shows it already."""
    return _says(reply, ("message is not modified",))


def is_not_to_edit(reply: Reply) -> bool:
    """Whether there is no such message to edit (any more)."""
    return _says(reply, _NO_SUCH_MESSAGE)


def is_too_old_to_remove(reply: Reply) -> bool:
    """Whether a message stands in the chat and cannot be taken back any more."""
    return _says(reply, _TOO_OLD)


def is_topic_gone(reply: Reply) -> bool:
    """Whether a topic was deleted, or is closed to everybody but its administrators."""
    return _says(reply, _NO_TOPIC)


def is_about_buttons(reply: Reply) -> bool:
    """Whether a message was refused for a button: one that this server does not know, say."""
    return _says(reply, _BUTTONS)


def is_unreachable(reply: Reply, chat_id: int) -> bool:
    """Whether the bot cannot write to a chat: it was blocked, thrown out, or has no rights there."""
    return reply.error_code == 403 or _says(reply, _NO_SUCH_CHAT) or (chat_id < 0 and _says(reply, _NO_RIGHTS))


def is_never_let_in(reply: Reply) -> bool:
    """Whether a player never opened the private chat, known from a group alone: they have not left, either."""
    return reply.error_code == 403 and "can't initiate conversation" in reply.description


def _says(reply: Reply, words: tuple[str, ...]) -> bool:
    return reply.error_code == 400 and any(one in reply.description for one in words)
