"""The bot's commands: one table drives dispatch, `/help` and `setMyCommands` (DOMAIN §11)."""

import difflib
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from gateway.domain.chat import Role

_NAME = re.compile(r"^[a-z0-9_]{1,32}$")
_GAP = r"\s\x00-\x1f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
"""White space, and what is invisible in its place: keyboards, clipboards and right-to-left texts leave it behind."""
_TYPED = re.compile(rf"[{_GAP}]*/([^{_GAP}@]+)(?:@([^{_GAP}]*))?(.*)", re.DOTALL)
_GAPS = re.compile(rf"[{_GAP}]+")


class Category(StrEnum):
    """The heading a command stands under in `/help`, in this order."""

    GAME = "game"
    PROGRESS = "progress"
    SHOP = "shop"
    ACCOUNT = "account"
    OPERATIONS = "operations"


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One command. Its description per language is the catalogue's text `command-<name>`."""

    name: str
    category: Category
    role: Role = Role.PLAYER
    """The least role that may use and see it."""
    premium: bool = False
    """Whether it only makes sense with premium; marked in `/help`."""

    @property
    def description_key(self) -> str:
        """The catalogue's key of the description."""
        return f"command-{self.name}"


class Registry:
    """All commands by name."""

    def __init__(self, commands: Sequence[Command]) -> None:
        """Hold commands in the order given; a name used twice or not fit for Telegram raises ValueError."""
        self._commands: dict[str, Command] = {}
        for command in commands:
            if not _NAME.match(command.name) or command.name in self._commands:
                raise ValueError(f"command name {command.name!r}: 1-32 of a-z 0-9 _, each name once")
            self._commands[command.name] = command

    def __iter__(self) -> Iterator[Command]:
        """Iterate in the order of registration."""
        return iter(self._commands.values())

    def find(self, name: str, role: Role) -> Command | None:
        """Return the command of that name if this role may use it."""
        command = self._commands.get(name.lower())
        return command if command is not None and role >= command.role else None

    def nearest(self, name: str, role: Role) -> Command | None:
        """Return the command whose name looks most like `name`, or None when none is close."""
        names = [command.name for command in self.visible(role)]
        matches = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
        return self._commands[matches[0]] if matches else None

    def visible(self, role: Role) -> tuple[Command, ...]:
        """Return the commands this role may use."""
        return tuple(command for command in self if role >= command.role)

    def by_category(self, role: Role) -> list[tuple[Category, tuple[Command, ...]]]:
        """Return the visible commands under their headings, without empty headings."""
        shelves = [(one, tuple(c for c in self.visible(role) if c.category is one)) for one in Category]
        return [(category, commands) for category, commands in shelves if commands]


COMMANDS = Registry(
    [
        Command(name="start", category=Category.GAME),
        Command(name="play", category=Category.GAME),
        Command(name="daily", category=Category.GAME),
        Command(name="streak", category=Category.PROGRESS),
        Command(name="stats", category=Category.PROGRESS),
        Command(name="top", category=Category.PROGRESS),
        Command(name="shop", category=Category.SHOP),
        Command(name="premium", category=Category.SHOP),
        Command(name="purchases", category=Category.SHOP),
        Command(name="paysupport", category=Category.SHOP),
        Command(name="settings", category=Category.ACCOUNT),
        Command(name="language", category=Category.ACCOUNT),
        Command(name="help", category=Category.ACCOUNT),
        Command(name="terms", category=Category.ACCOUNT),
        Command(name="privacy", category=Category.ACCOUNT),
    ]
)
"""What players can type."""


def split_command(text: str, bot_username: str) -> tuple[str, str] | None:
    """Return (name, argument) of `/name@bot argument`; None for no command or one meant for another bot.

    A command ends at any white space. Of the argument's words one space apart remains.
    """
    typed = _TYPED.match(text)
    if typed is None:
        return None
    name, bot, argument = typed.groups()
    if bot and bot.lower() != bot_username.lower():
        return None
    return name.lower(), _GAPS.sub(" ", argument).strip()


def is_addressed(text: str, bot_username: str) -> bool:
    """Whether a command names this bot, as it must in a group where others hear it too."""
    typed = _TYPED.match(text)
    return typed is not None and (typed[2] or "").lower() == bot_username.lower()
