"""A player: a Telegram user of this machine."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Player:
    """`started`: has written to the bot, so the bot may write back. The user and chat objects are built once.

    `stars` is the wallet; `held` of it is promised to payments whose pre-checkout is not answered yet.
    """

    id: int
    first_name: str
    language_code: str
    username: str | None = None
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    stars: int = 0
    held: int = 0
    user: dict[str, Any] = field(init=False)
    chat: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        named = {"id": self.id, "first_name": self.first_name}
        username = {"username": self.username} if self.username else {}
        self.user = {**named, "is_bot": False, **username, "language_code": self.language_code}
        self.chat = {**named, **username, "type": "private"}

    def view(self) -> dict[str, Any]:
        """The player as the JSON API shows it."""
        return {
            "id": self.id,
            "first_name": self.first_name,
            "language_code": self.language_code,
            "username": self.username,
            "started": self.started,
            "blocked": self.blocked,
            "deactivated": self.deactivated,
            "stars": self.stars,
        }
