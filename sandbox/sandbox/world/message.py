"""One message in a chat, and the two ways it is shown: to the bot (Telegram's Message) and to the JSON API."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.shapes import as_object
from sandbox.world.files import Photo
from sandbox.world.invoice import Invoice
from sandbox.world.stars import Note


@dataclass(slots=True)
class Message:
    """`text` is a photo's caption, empty with an invoice or a note; `rev` is the chat's revision at the last change.

    `raw` are fields of a player's message that are passed on as they were given, whatever they say.
    """

    id: int
    date: int
    from_bot: bool
    text: str
    entities: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    photo: Photo | None = None
    markup: dict[str, Any] | None = None
    edit_date: int | None = None
    reply_to: int | None = None
    rev: int = 0
    invoice: Invoice | None = None
    note: Note | None = None
    raw: dict[str, Any] | None = None
    thread_id: int | None = None

    def thread(self) -> dict[str, Any]:
        """What Telegram says of the topic it is in."""
        return {} if self.thread_id is None else {"message_thread_id": self.thread_id, "is_topic_message": True}

    def has_data(self, data: str) -> bool:
        """Is there a callback button with this data under the message?"""
        rows = self.markup["inline_keyboard"] if self.markup else ()
        return any(button.get("callback_data") == data for row in rows for button in row)


def telegram_message(message: Message, sender: dict[str, Any], chat: dict[str, Any]) -> dict[str, Any]:
    """The message as the Bot API's Message object."""
    body: dict[str, Any] = {"message_id": message.id, "from": sender, "chat": chat, "date": message.date}
    if message.edit_date is not None:
        body["edit_date"] = message.edit_date
    body |= message.thread()
    if message.raw is not None:
        body |= message.raw
    elif message.invoice is not None:
        body["invoice"] = message.invoice.telegram()
    elif message.note is not None:
        body |= message.note.telegram()
    elif message.photo is None:
        body["text"] = message.text
        if message.entities:
            body["entities"] = message.entities
    else:
        body["photo"] = message.photo.sizes()
        if message.text:
            body["caption"] = message.text
        if message.entities:
            body["caption_entities"] = message.entities
    if message.markup is not None:
        body["reply_markup"] = message.markup
    return body


def _button_view(button: dict[str, Any]) -> dict[str, Any]:
    """A button as scripts see it; `data` and `url` are None when the button has none."""
    view = {"text": button["text"], "data": button.get("callback_data"), "url": button.get("url")}
    if "style" in button:
        view["style"] = button["style"]
    if "copy_text" in button:
        view["copy_text"] = button["copy_text"]["text"]
    if "pay" in button:
        view["pay"] = True
    if "disabled" in button:
        view["disabled"] = True
    return view


def _sender_view(raw: dict[str, Any]) -> dict[str, Any]:
    """Who a room's message is from: `{"sender": {id, name}}`, a chat before the user who stands for it."""
    found = as_object(raw.get("sender_chat")) or as_object(raw.get("from"))
    return (
        {}
        if found is None
        else {"sender": {"id": found.get("id"), "name": found.get("title", found.get("first_name"))}}
    )


def message_view(message: Message) -> dict[str, Any]:
    """The message for scripts: `{message_id, text, buttons, date, edited, from, rev}` and what else it has.

    That is `photo`, `invoice`, `payment` (a service message), `entities`, `reply_to`, `thread_id`, and `sender` of what
    others than the chat's own player wrote.
    """
    rows = message.markup["inline_keyboard"] if message.markup else ()
    view: dict[str, Any] = {
        "message_id": message.id,
        "text": message.text,
        "buttons": [[_button_view(button) for button in row] for row in rows],
        "date": message.date,
        "edited": message.edit_date is not None,
        "from": "bot" if message.from_bot else "player",
        "rev": message.rev,
    }
    if message.raw is not None:
        view["fields"] = sorted(message.raw)
        view |= _sender_view(message.raw)
    if message.photo is not None:
        view["photo"] = {"file_id": message.photo.file_id, "url": message.photo.url}
    if message.invoice is not None:
        view["invoice"] = message.invoice.view()
    if message.note is not None:
        view["payment"] = message.note.view()
    if message.entities:
        view["entities"] = message.entities
    if message.thread_id is not None:
        view["thread_id"] = message.thread_id
    if message.reply_to is not None:
        view["reply_to"] = message.reply_to
    return view
