"""Inline keyboards: the exact shape, the limits and the link rules Telegram applies."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.entities.html import utf16_length
from sandbox.errors import ApiError, bad_request
from sandbox.schema.checks import Check
from sandbox.shapes import as_list, as_object

BUTTONS_MAX = 100
BUTTONS_PER_ROW_MAX = 8
CALLBACK_DATA_BYTES_MAX = 64
COPY_TEXT_MAX = 256
"""In UTF-16 code units; Telegram speaks of characters."""
NO_ACTION = "Text buttons are unallowed in the inline keyboard"
LOOKS = frozenset({"text", "icon_custom_emoji_id", "style"})
EMPTIABLE = frozenset({"callback_data", "url"})
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
        raise bad_request('field "inline_keyboard" must be of type Array')
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
    # An empty address or empty data counts as none, as in Telegram.
    checked = {field: one for field, one in given.items() if one is not None and not (field in EMPTIABLE and one == "")}
    _check_label(checked)
    actions = checked.keys() - LOOKS
    if not actions <= known:
        raise _unparsed(f'unknown field "{min(actions - known)}"')
    if len(actions) != 1:
        raise _unparsed(NO_ACTION if not actions else "one action expected")
    if "style" in checked and checked["style"] not in STYLES:
        raise _unparsed("invalid button style specified")
    (action,) = actions
    if action in _ACTIONS:
        _ACTIONS[action](checked[action])
    return checked


def _check_label(button: dict[str, Any]) -> None:
    text = button.get("text")
    if text is None:
        raise _unparsed('Can\'t find field "text"')
    if not isinstance(text, str):
        raise _unparsed('Field "text" must be of type String')
    if not text.strip():
        raise bad_request("REPLY_MARKUP_INVALID")


def _check_data(data: Any) -> None:
    if not isinstance(data, str):
        raise _unparsed('Field "callback_data" must be of type String')
    if len(data.encode()) > CALLBACK_DATA_BYTES_MAX:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_copy(given: Any) -> None:
    text = _object("copy_text", given).get("text")
    if not isinstance(text, str):
        raise _unparsed('Can\'t find field "text"')
    if not 1 <= utf16_length(text) <= COPY_TEXT_MAX:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")


def _check_disabled(given: Any) -> None:
    _object("disabled", given)


def _check_pay(given: Any) -> None:
    if given is not True:
        raise _unparsed(NO_ACTION)


def _check_web_app(given: Any) -> None:
    url = _object("web_app", given).get("url")
    if not isinstance(url, str) or not url.startswith("https://"):
        raise bad_request(f"inline keyboard button Web App URL '{url}' is invalid: Only HTTPS links are allowed")


def _check_game(_given: Any) -> None:
    raise bad_request("BUTTON_TYPE_INVALID")


def _check_login(_given: Any) -> None:
    raise bad_request("BOT_DOMAIN_INVALID")


def _object(field: str, given: Any) -> dict[str, Any]:
    known = as_object(given)
    if known is None:
        raise _unparsed(f'Field "{field}" must be of type Object')
    return known


def _check_url(url: Any) -> None:
    """Telegram takes http, https and tg links to a host with a dot in it; `localhost` is refused there too."""
    if isinstance(url, str) and url.startswith("tg://"):
        return
    reason = _url_problem(url)
    if reason is not None:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: {reason}")


def is_web_address(url: str) -> bool:
    """Is this an http or https address that Telegram would fetch something from?"""
    return url.lower().startswith(("http://", "https://")) and _url_problem(url) is None


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


_ACTIONS: Mapping[str, Callable[[Any], None]] = {
    "callback_data": _check_data,
    "url": _check_url,
    "copy_text": _check_copy,
    "disabled": _check_disabled,
    "pay": _check_pay,
    "web_app": _check_web_app,
    "callback_game": _check_game,
    "login_url": _check_login,
}
"""What a button does, and what Telegram asks of it; of the others the sandbox asks nothing."""
