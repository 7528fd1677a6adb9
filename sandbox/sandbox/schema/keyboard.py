"""Inline keyboards: the exact shape, the limits and the link rules Telegram applies."""

import json
from typing import Any
from urllib.parse import urlsplit

from sandbox.errors import ApiError, bad_request
from sandbox.schema.checks import Check
from sandbox.shapes import as_list, as_object

BUTTONS_MAX = 100
BUTTONS_PER_ROW_MAX = 8
CALLBACK_DATA_BYTES_MAX = 64
COPY_TEXT_MAX = 256
LOOKS = frozenset({"text", "icon_custom_emoji_id", "style"})
STYLES = frozenset({"danger", "success", "primary"})

Row = list[dict[str, Any]]


def keyboard_check(button_fields: frozenset[str]) -> Check:
    """The check for inline keyboards whose buttons may have these fields."""

    def check(name: str, value: Any) -> dict[str, Any]:
        return _checked(name, value, button_fields)

    return check


def with_pay_rule(markup: dict[str, Any] | None, amount: int | None) -> dict[str, Any] | None:
    """An invoice over `amount` Stars has one pay button, the first, made when there is no keyboard; others: none."""
    if markup is None:
        return None if amount is None else {"inline_keyboard": [[{"text": f"Pay ⭐{amount}", "pay": True}]]}
    first, *others = [button for row in markup["inline_keyboard"] for button in row]
    if amount is not None and "pay" not in first:
        raise bad_request("REPLY_MARKUP_BUY_EMPTY")
    if any("pay" in button for button in others) or (amount is None and "pay" in first):
        raise bad_request("BUTTON_TYPE_INVALID")
    return markup


def _checked(name: str, value: Any, known: frozenset[str]) -> dict[str, Any]:
    """`{"inline_keyboard": [[button]]}` without empty rows; 400 as Telegram words it."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise bad_request("can't parse reply keyboard markup JSON object") from None
    markup = as_object(value)
    if markup is None:
        raise bad_request("object expected as reply markup")
    rows = as_list(markup.get("inline_keyboard"))
    if rows is None:
        raise bad_request(f'field "inline_keyboard" of parameter "{name}" must be an Array')
    unknown = markup.keys() - {"inline_keyboard", "force_reply"}
    if unknown:
        raise bad_request(f'unknown field "{min(unknown)}" in parameter "{name}"')
    checked = [row for one in rows if (row := _row(one, known))]
    if sum(len(row) for row in checked) > BUTTONS_MAX:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return {"inline_keyboard": checked}


def _row(row: Any, known: frozenset[str]) -> Row:
    buttons = as_list(row)
    if buttons is None:
        raise bad_request("can't parse inline keyboard: array of arrays of buttons expected")
    if len(buttons) > BUTTONS_PER_ROW_MAX:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return [_button(button, known) for button in buttons]


def _button(button: Any, known: frozenset[str]) -> dict[str, Any]:
    given = as_object(button)
    if given is None:
        raise _unparsed("Inline keyboard button must be an Object")
    checked = {field: one for field, one in given.items() if one is not None}
    text = checked.get("text")
    if not isinstance(text, str) or not text.strip():
        raise _unparsed('Field "text" must be a non-empty String')
    actions = checked.keys() - LOOKS
    if not actions <= known:
        raise _unparsed(f'unknown field "{min(actions - known)}"')
    if len(actions) != 1:
        raise _unparsed("Text buttons are unallowed in the inline keyboard" if not actions else "one action expected")
    if "style" in checked and checked["style"] not in STYLES:
        raise _unparsed("invalid button style specified")
    _action(checked)
    return checked


def _action(button: dict[str, Any]) -> None:
    if "callback_data" in button:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= CALLBACK_DATA_BYTES_MAX:
            raise bad_request("BUTTON_DATA_INVALID")
    elif "url" in button:
        _check_url(button["url"])
    elif "copy_text" in button:
        text = (as_object(button["copy_text"]) or {}).get("text")
        if not isinstance(text, str) or not 1 <= len(text) <= COPY_TEXT_MAX:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    elif "pay" in button and button["pay"] is not True:
        raise _unparsed("Text buttons are unallowed in the inline keyboard")


def _check_url(url: Any) -> None:
    """Telegram takes http, https and tg links to a host with a dot in it; `localhost` is refused there too."""
    if isinstance(url, str) and url.startswith("tg://"):
        return
    reason = _url_problem(url)
    if reason is not None:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: {reason}")


def _url_problem(url: Any) -> str | None:
    if not isinstance(url, str) or not url or any(character.isspace() for character in url):
        return "Wrong HTTP URL"
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
    except ValueError:
        return "Wrong HTTP URL"
    if parts.scheme.lower() not in ("http", "https"):
        return "Unsupported URL protocol"
    return None if "." in host.strip(".") or ":" in host else "Wrong HTTP URL"


def _unparsed(reason: str) -> ApiError:
    return bad_request(f"can't parse inline keyboard button: {reason}")
