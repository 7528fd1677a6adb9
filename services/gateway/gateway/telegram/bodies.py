"""What the sender's calls of the Bot API say and what it reads of their answers. Fields that are empty are left out."""

import html
import re
from typing import Annotated

import msgspec
import structlog

from gateway.domain.screen import TEXT_MAX, Button, Keyboard, shortened, units


class TapAnswer(msgspec.Struct, omit_defaults=True):
    """Parameters of answerCallbackQuery."""

    callback_query_id: str
    text: str = ""
    show_alert: bool = False


class Markup(msgspec.Struct):
    """The buttons below a message."""

    inline_keyboard: Keyboard


class Preview(msgspec.Struct):
    """How a link in a message looks."""

    is_disabled: bool


_NO_PREVIEW = Preview(is_disabled=True)
"""A link that somebody brought into a text must not fill the screen with what it leads to."""


class Message(msgspec.Struct, omit_defaults=True):
    """sendMessage, or editMessageText with a `message_id`."""

    chat_id: int
    text: str
    message_id: int = 0
    parse_mode: str | None = None
    reply_markup: Markup | None = None
    link_preview_options: Preview | None = None
    message_thread_id: int = 0
    """For sendMessage alone: an edit stays where it is."""
    disable_notification: bool = False
    """Likewise: an edit makes no sound."""


class Price(msgspec.Struct):
    """The one line of an invoice in Stars."""

    label: str
    amount: int


class InvoiceMessage(msgspec.Struct, omit_defaults=True):
    """Parameters of sendInvoice, as far as Stars need them."""

    chat_id: int
    title: str
    description: str
    payload: str
    prices: tuple[Price]
    start_parameter: str
    currency: str
    provider_token: str
    """Empty for Stars."""
    message_thread_id: int = 0


class Removal(msgspec.Struct):
    """Parameters of deleteMessage."""

    chat_id: int
    message_id: int


class WebhookInfo(msgspec.Struct):
    """What getWebhookInfo answers; without the first two fields it is something else."""

    url: str
    """Where updates go; empty while they are polled for."""
    pending_update_count: Annotated[int, msgspec.Meta(ge=0)]
    last_error_date: int = 0
    last_error_message: str = ""


class Nothing(msgspec.Struct):
    """Parameters of a method that has none."""


class _Sent(msgspec.Struct):
    message_id: int


log = structlog.get_logger()
_TAG = re.compile("<[^>]*>")
_webhook_info = msgspec.json.Decoder(WebhookInfo)
_sent = msgspec.json.Decoder(_Sent)


def message(chat_id: int, text: str, keyboard: Keyboard, message_id: int = 0) -> Message:
    """Return the body of a message, cut where it is too long; with a `message_id`, of an edit."""
    markup = Markup(keyboard) if keyboard else None
    if 2 * len(text) > TEXT_MAX and units(plain := _visible(text)) > TEXT_MAX:
        # A cut could split a tag, so the markup goes with it.
        return Message(chat_id, shortened(plain, TEXT_MAX), message_id, None, markup, _NO_PREVIEW)
    return Message(chat_id, text, message_id, "HTML", markup, _NO_PREVIEW)


def known_everywhere(keyboard: Keyboard) -> Keyboard:
    """Return of a keyboard what every Bot API server knows: buttons with data or an address, without colours."""
    rows = (
        tuple(
            Button(text=button.text, callback_data=button.callback_data, url=button.url)
            for button in row
            if button.callback_data or button.url
        )
        for row in keyboard
    )
    return tuple(row for row in rows if row)


def _visible(text: str) -> str:
    """Return what is to be read of a text in HTML. Values in it are escaped: what looks like a tag is one."""
    return html.unescape(_TAG.sub("", text))


def sent_id(result: msgspec.Raw) -> int | None:
    """Return the id of the message that a call sent; None when Telegram does not say it.

    Sent it is all the same, so that is no reason to send it again.
    """
    try:
        return _sent.decode(result).message_id
    except msgspec.DecodeError:
        log.warning("sent_without_an_id", size=len(bytes(result)))
        return None


def webhook_info(result: msgspec.Raw) -> WebhookInfo:
    """Return how the delivery of updates is doing; raises ValueError for a result of another kind."""
    return _webhook_info.decode(result)
