"""answerCallbackQuery: what a player sees after a tap."""

import re

from sandbox.bot_api.telegram import Arguments, Handler, Telegram
from sandbox.entities.html import utf16_length
from sandbox.errors import bad_request

ANSWER_TEXT_MAX = 200
"""In UTF-16 code units; Telegram speaks of characters."""
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")


def answer_callback_query(telegram: Telegram, args: Arguments) -> bool:
    """answerCallbackQuery: once per tap; a second, late or unknown answer is a 400."""
    text = args.get("text", "")
    if utf16_length(text) > ANSWER_TEXT_MAX:
        raise bad_request("MESSAGE_TOO_LONG")
    url = args.get("url")
    if url is not None and not _is_own_link(url, telegram.world.settings.bot_username):
        raise bad_request("URL_INVALID")
    world = telegram.world
    answer = {"text": text, "show_alert": args.get("show_alert", False), "url": url}
    tap = world.callbacks.answer(args["callback_query_id"], answer, world.clock.now())
    extra = {"callback_query_id": tap.id, "player_id": tap.player_id, **answer}
    world.emit("answer", tap.chat_id, tap.message_id, extra=extra)
    return True


def _is_own_link(url: str, username: str) -> bool:
    """Without a game, Telegram opens only links to the bot itself: `t.me/<bot>?start=` and 1 to 64 of `A-Za-z0-9_-`."""
    address, _, payload = url.removeprefix("https://").partition("?start=")
    return address.lower() == f"t.me/{username}".lower() and _START.fullmatch(payload) is not None


METHODS: dict[str, Handler] = {"answerCallbackQuery": answer_callback_query}
