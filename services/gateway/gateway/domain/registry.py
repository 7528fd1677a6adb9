"""What a command is, a table of them, and how one is read from what was typed (DOMAIN §11)."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from gateway.domain.chat import Role

_NAME = re.compile(r"^[a-z0-9_]{1,32}$")
_GAP = r"\s\x00-\x1f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
"""White space, and what is invisible in its place: keyboards, clipboards and right-to-left texts leave it behind."""
_TYPED = re.compile(rf"[{_GAP}]*/([^{_GAP}@]+)(?:@([^{_GAP}]*))?(.*)", re.DOTALL)
_GAPS = re.compile(rf"[{_GAP}]+")

V = TypeVar("V")
Handler = Callable[[V], None]
"""Does what was asked for; V is what it is given: the visit of a player."""


class Category(StrEnum):
    """The heading a command stands under in `/help`, in this order."""

    GAME = "game"
    PROGRESS = "progress"
    SHOP = "shop"
    PARTNER = "partner"
    ACCOUNT = "account"
    OPERATIONS = "operations"


class Command(msgspec.Struct, Generic[V], frozen=True, kw_only=True):
    """One command. Its description per language is the catalogue's text `command-<name>`."""

    name: str
    category: Category
    handler: Handler[V]
    role: Role = Role.PLAYER
    """The least role that may use and see it."""
    premium: bool = False
    """Whether it only makes sense with premium; marked in `/help`."""
    links: Mapping[str, Handler[V]] = {}
    """What opens the deep links that may follow the command, by their kind; `handler` opens the others."""

    @property
    def description_key(self) -> str:
        """The catalogue's key of the description."""
        return f"command-{self.name}"


class Registry(Generic[V]):
    """All commands by name; they are listed in the order given."""

    def __init__(self, commands: Sequence[Command[V]]) -> None:
        """Hold commands in the order given; a name used twice or not fit for Telegram raises ValueError."""
        self._commands: dict[str, Command[V]] = {}
        for command in commands:
            if not _NAME.fullmatch(command.name) or command.name in self._commands:
                raise ValueError(f"command name {command.name!r}: 1-32 of a-z 0-9 _, each name once")
            self._commands[command.name] = command

    def __iter__(self) -> Iterator[Command[V]]:
        """Iterate in the order of registration."""
        return iter(self._commands.values())

    def find(self, name: str, role: Role) -> Command[V] | None:
        """Return the command of that name if this role may use it."""
        command = self._commands.get(name.lower())
        return command if command is not None and role >= command.role else None

    def nearest(self, name: str, role: Role) -> Command[V] | None:
        """Return the command whose name looks most like `name`, or None when none is close."""
        names = [command.name for command in self.visible(role)]
        matches = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.5)
        return self._commands[matches[0]] if matches else None

    def visible(self, role: Role) -> tuple[Command[V], ...]:
        """Return the commands this role may use."""
        return tuple(command for command in self if role >= command.role)

    def by_category(self, role: Role) -> list[tuple[Category, tuple[Command[V], ...]]]:
        """Return the visible commands under their headings, without empty headings."""
        shelves = [(one, tuple(c for c in self.visible(role) if c.category is one)) for one in Category]
        return [(category, commands) for category, commands in shelves if commands]


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
