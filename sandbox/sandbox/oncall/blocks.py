"""What Slack refuses in a message: the limits of its blocks, which it names no further than `invalid_blocks`."""

from typing import Any

from sandbox.shapes import as_list, as_object

BLOCKS_MAX = 50
TEXT_MAX, HEADER_MAX, FIELD_MAX = 3000, 150, 2000
FIELDS_MAX, ELEMENTS_MAX, BUTTONS_MAX = 10, 10, 25
BUTTON_TEXT_MAX, URL_MAX = 75, 3000
TEXT_TYPES = ("mrkdwn", "plain_text")


def refusal(body: dict[str, Any]) -> str:
    """Slack's word for what is wrong with a message; empty when nothing is."""
    text, blocks = body.get("text"), body.get("blocks")
    if text is not None and not isinstance(text, str):
        return "invalid_payload"
    if not text and not blocks:
        return "no_text"
    if blocks is None:
        return ""
    found = as_list(blocks)
    if found is None or not 0 < len(found) <= BLOCKS_MAX or not all(_is_block(block) for block in found):
        return "invalid_blocks"
    return ""


def _is_block(value: Any) -> bool:
    block = as_object(value)
    if block is None:
        return False
    match block.get("type"):
        case "header":
            return _is_text(block.get("text"), HEADER_MAX, ("plain_text",))
        case "divider":
            return True
        case "section":
            return _is_section(block)
        case "context":
            elements = as_list(block.get("elements")) or []
            return 0 < len(elements) <= ELEMENTS_MAX and all(_is_text(one, TEXT_MAX) for one in elements)
        case "actions":
            elements = as_list(block.get("elements")) or []
            return 0 < len(elements) <= BUTTONS_MAX and all(_is_button(one) for one in elements)
        case _:
            return False


def _is_section(block: dict[str, Any]) -> bool:
    text, fields = block.get("text"), block.get("fields")
    if text is None and fields is None:
        return False
    if text is not None and not _is_text(text, TEXT_MAX):
        return False
    listed = [] if fields is None else as_list(fields) or [None]
    return len(listed) <= FIELDS_MAX and all(_is_text(one, FIELD_MAX) for one in listed)


def _is_button(value: Any) -> bool:
    button = as_object(value)
    if button is None or button.get("type") != "button":
        return False
    url = button.get("url", "")
    is_link = isinstance(url, str) and len(url) <= URL_MAX
    return is_link and _is_text(button.get("text"), BUTTON_TEXT_MAX, ("plain_text",))


def _is_text(value: Any, length_max: int, types: tuple[str, ...] = TEXT_TYPES) -> bool:
    given = as_object(value)
    if given is None or given.get("type") not in types:
        return False
    text = given.get("text")
    return isinstance(text, str) and 0 < len(text) <= length_max
