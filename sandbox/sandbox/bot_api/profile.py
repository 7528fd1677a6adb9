"""What the bot is and shows of itself: getMe, getChat, command menu, name and descriptions."""

import re
from typing import Any

from sandbox.bot_api.telegram import Arguments, Handler, Telegram
from sandbox.entities.html import utf16_length
from sandbox.errors import bad_request

COMMANDS_MAX = 100
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_LANGUAGE = re.compile(r"(?:[a-z]{2})?")


def get_me(telegram: Telegram, _args: Arguments) -> dict[str, Any]:
    """getMe."""
    return {
        **telegram.world.bot_user,
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def get_chat(telegram: Telegram, args: Arguments) -> dict[str, Any]:
    """getChat: private chats only."""
    chat = telegram.world.chat(args["chat_id"])
    if not chat.player.started:
        raise bad_request("chat not found")
    return {
        **chat.player.chat,
        "accent_color_id": chat.player.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": True,
            "limited_gifts": True,
            "unique_gifts": True,
            "premium_subscription": True,
            "gifts_from_channels": True,
        },
    }


def set_my_commands(telegram: Telegram, args: Arguments) -> bool:
    """setMyCommands, per scope and language."""
    commands = args["commands"]
    if len(commands) > COMMANDS_MAX:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        command["command"] = command["command"].removeprefix("/")
        if not _COMMAND.fullmatch(command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= utf16_length(command["description"]) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    telegram.world.commands.set(args.get("scope"), _language(args), commands)
    telegram.world.emit("commands", 0, 0)
    return True


def get_my_commands(telegram: Telegram, args: Arguments) -> list[dict[str, Any]]:
    """getMyCommands: exactly the list of this scope and language."""
    return telegram.world.commands.get(args.get("scope"), _language(args))


def delete_my_commands(telegram: Telegram, args: Arguments) -> bool:
    """deleteMyCommands."""
    telegram.world.commands.set(args.get("scope"), _language(args), [])
    telegram.world.emit("commands", 0, 0)
    return True


def _language(args: Arguments) -> str:
    language = args.get("language_code", "")
    if not _LANGUAGE.fullmatch(language):
        raise bad_request("invalid language_code specified")
    return language


def _text_methods(noun: str, field: str, length_max: int) -> dict[str, Handler]:
    """set… and get… for one of the bot's own texts, kept per language."""

    def put(telegram: Telegram, args: Arguments) -> bool:
        text = args.get(field, "")
        if utf16_length(text) > length_max:
            raise bad_request(f"{field} is too long")
        telegram.world.texts[field, _language(args)] = text
        telegram.world.emit("commands", 0, 0)
        return True

    def get(telegram: Telegram, args: Arguments) -> dict[str, str]:
        texts = telegram.world.texts
        otherwise = telegram.world.settings.bot_name if field == "name" else ""
        return {field: texts.get((field, _language(args))) or texts.get((field, "")) or otherwise}

    return {f"setMy{noun}": put, f"getMy{noun}": get}


METHODS: dict[str, Handler] = {
    "getMe": get_me,
    "getChat": get_chat,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
    **_text_methods("Name", "name", 64),
    **_text_methods("Description", "description", 512),
    **_text_methods("ShortDescription", "short_description", 120),
}
