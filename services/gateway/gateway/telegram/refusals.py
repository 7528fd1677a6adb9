"""What Telegram means by its errors: the code says little, the words of the description the rest.

The words were read off the Bot API's server and its users' reports; Telegram documents none of them.
"""

from gateway.telegram.session import Reply

_NO_SUCH_CHAT = ("chat not found",)
_NO_SUCH_MESSAGE = ("message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID")
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


def is_unchanged(reply: Reply) -> bool:
    """Whether an edit was refused because the message shows it already."""
    return _says(reply, ("message is not modified",))


def is_not_to_edit(reply: Reply) -> bool:
    """Whether there is no such message to edit (any more)."""
    return _says(reply, _NO_SUCH_MESSAGE)


def is_topic_gone(reply: Reply) -> bool:
    """Whether a topic was deleted, or is closed to everybody but its administrators."""
    return _says(reply, _NO_TOPIC)


def is_about_buttons(reply: Reply) -> bool:
    """Whether a message was refused for a button: one that this server does not know, say."""
    return _says(reply, _BUTTONS)


def is_unreachable(reply: Reply, chat_id: int) -> bool:
    """Whether the bot cannot write to a chat: it was blocked, thrown out, or has no rights there."""
    return reply.error_code == 403 or _says(reply, _NO_SUCH_CHAT) or (chat_id < 0 and _says(reply, _NO_RIGHTS))


def _says(reply: Reply, words: tuple[str, ...]) -> bool:
    return reply.error_code == 400 and any(one in reply.description for one in words)
