"""Methods that write into chats: send, edit, delete, typing."""

from typing import Any

from sandbox.bot_api.telegram import Arguments, Handler, Telegram
from sandbox.entities.text import CAPTION_LENGTH_MAX, TEXT_LENGTH_MAX, formatted
from sandbox.errors import bad_request
from sandbox.schema.checks import Upload
from sandbox.schema.keyboard import with_pay_rule
from sandbox.world.chat import Chat
from sandbox.world.files import Photo
from sandbox.world.invoice import Invoice
from sandbox.world.message import Message

DELETABLE_SECONDS = 48 * 3600
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def send_message(telegram: Telegram, args: Arguments) -> dict[str, Any]:
    """sendMessage."""
    chat = open_chat(telegram, args)
    return post(telegram, chat, args, _text(args))


def send_photo(telegram: Telegram, args: Arguments) -> dict[str, Any]:
    """sendPhoto: by URL, by file_id, or uploaded."""
    chat = open_chat(telegram, args)
    mode, given = args.get("parse_mode"), args.get("caption_entities")
    caption = formatted(args.get("caption", ""), mode, given, CAPTION_LENGTH_MAX)
    return post(telegram, chat, args, caption, _photo(telegram, args["photo"]))


def edit_message_text(telegram: Telegram, args: Arguments) -> dict[str, Any]:
    """editMessageText. Without reply_markup the keyboard goes, as in Telegram."""
    chat, message = _own_message(telegram, args)
    text, entities = _text(args)
    if message.photo is not None or message.invoice is not None:
        raise bad_request("there is no text in the message to edit")
    return _change(telegram, chat, message, text, entities, args.get("reply_markup"))


def edit_message_caption(telegram: Telegram, args: Arguments) -> dict[str, Any]:
    """editMessageCaption; a missing caption empties it."""
    chat, message = _own_message(telegram, args)
    mode, given = args.get("parse_mode"), args.get("caption_entities")
    text, entities = formatted(args.get("caption", ""), mode, given, CAPTION_LENGTH_MAX)
    if message.photo is None:
        raise bad_request("there is no caption in the message to edit")
    return _change(telegram, chat, message, text, entities, args.get("reply_markup"))


def edit_message_reply_markup(telegram: Telegram, args: Arguments) -> dict[str, Any]:
    """editMessageReplyMarkup: only the keyboard changes."""
    chat, message = _own_message(telegram, args)
    return _change(telegram, chat, message, message.text, message.entities, args.get("reply_markup"))


def delete_message(telegram: Telegram, args: Arguments) -> bool:
    """deleteMessage: the bot's own or the player's, of the last 48 hours."""
    chat = telegram.world.chat(args["chat_id"])
    message = chat.messages.get(args["message_id"])
    if message is None:
        raise bad_request("message to delete not found")
    if telegram.world.clock.now() - message.date >= DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    chat.remove(args["message_id"])
    telegram.world.emit("delete", chat.player.id, args["message_id"])
    return True


def send_chat_action(telegram: Telegram, args: Arguments) -> bool:
    """sendChatAction: shown in the chat for five seconds."""
    chat = telegram.world.chat(args["chat_id"])
    chat.require_reachable()
    if args["action"] not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    telegram.world.emit("action", chat.player.id, 0, extra={"action": args["action"]})
    return True


def open_chat(telegram: Telegram, args: Arguments) -> Chat:
    """The chat a new message goes to; 400, 403 or 429 when the bot may not write there now."""
    chat = telegram.world.chat(args["chat_id"])
    chat.require_reachable()
    chat.require_topic(args.get("message_thread_id"))
    telegram.flood.check(chat.player.id)
    return chat


def _text(args: Arguments) -> tuple[str, list[dict[str, Any]]]:
    """The message's text with its entities; 400 for none at all, and for one of which nothing is left."""
    if not args.get("text"):
        raise bad_request("message text is empty")
    text = formatted(args["text"], args.get("parse_mode"), args.get("entities"), TEXT_LENGTH_MAX)
    if not text[0]:
        raise bad_request("text must be non-empty")
    return text


def _photo(telegram: Telegram, given: str | Upload) -> Photo:
    files = telegram.world.files
    return files.upload(given.data) if isinstance(given, Upload) else files.by_reference(given)


def post(
    telegram: Telegram,
    chat: Chat,
    args: Arguments,
    text: tuple[str, list[dict[str, Any]]],
    shown: Photo | Invoice | None = None,
) -> dict[str, Any]:
    """Put the bot's new message, text with its entities, into the chat → Telegram's Message."""
    world = telegram.world
    reply_to = _reply_to(chat, args)
    photo = shown if isinstance(shown, Photo) else None
    invoice = shown if isinstance(shown, Invoice) else None
    markup = _keyboard(args.get("reply_markup"), invoice)
    message = Message(chat.next_id(), int(world.clock.now()), True, *text, photo, markup, invoice=invoice)
    message.reply_to = reply_to
    message.thread_id = args.get("message_thread_id")
    chat.add(message)
    world.emit("message", chat.player.id, message.id, message)
    return world.message_object(chat, message)


def _reply_to(chat: Chat, args: Arguments) -> int | None:
    parameters: Arguments = args.get("reply_parameters") or {}
    wanted = parameters.get("message_id", args.get("reply_to_message_id"))
    if wanted is None or wanted in chat.messages:
        return wanted
    if parameters.get("allow_sending_without_reply") or args.get("allow_sending_without_reply"):
        return None
    raise bad_request("message to be replied not found")


def _keyboard(markup: dict[str, Any] | None, invoice: Invoice | None) -> dict[str, Any] | None:
    """Inline keyboards stay with their message; reply keyboards are checked and not shown by this sandbox."""
    shown = markup if markup is not None and markup.get("inline_keyboard") else None
    return with_pay_rule(shown, None if invoice is None else invoice.amount)


def _own_message(telegram: Telegram, args: Arguments) -> tuple[Chat, Message]:
    if "inline_message_id" in args:
        raise bad_request("MESSAGE_ID_INVALID")
    if "chat_id" not in args:
        raise bad_request("chat_id is empty")
    if "message_id" not in args:
        raise bad_request("message identifier is not specified")
    chat = telegram.world.chat(args["chat_id"])
    chat.require_reachable()
    message = chat.messages.get(args["message_id"])
    if message is None:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return chat, message


def _change(
    telegram: Telegram,
    chat: Chat,
    message: Message,
    text: str,
    entities: list[dict[str, Any]],
    markup: dict[str, Any] | None,
) -> dict[str, Any]:
    world = telegram.world
    markup = _keyboard(markup, message.invoice)
    if (text, entities, markup) == (message.text, message.entities, message.markup):
        raise bad_request(NOT_MODIFIED)
    message.text, message.entities, message.markup = text, entities, markup
    message.edit_date = int(world.clock.now())
    chat.touch(message)
    world.emit("edit", chat.player.id, message.id, message)
    return world.message_object(chat, message)


METHODS: dict[str, Handler] = {
    "sendMessage": send_message,
    "sendPhoto": send_photo,
    "editMessageText": edit_message_text,
    "editMessageCaption": edit_message_caption,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "sendChatAction": send_chat_action,
}
