"""What the gateway remembers of one player's private chat."""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final
from uuid import UUID

import msgspec

from actors import token_bucket
from contracts.foreign_text import storable
from gateway.domain.limits import COMMANDS, NOTICE_SECONDS, TAPS, Verdict

ALBUM_LENGTH_MAX = 64
LANGUAGES = ("de", "en")
"""Languages with a catalogue, the product's own first."""
CODE_AWAITED_FOR: Final = timedelta(minutes=10)
"""So long what is typed counts as the code that was asked for."""


class Role(IntEnum):
    """What a player may do here; each role includes the ones below it (DOMAIN §11)."""

    PLAYER = 0
    PARTNER = 1
    OPERATOR = 2
    OWNER = 3


class Chat(msgspec.Struct, kw_only=True):
    """One player as the gateway knows them. A private chat's id is the player's id."""

    player_id: int
    language: str = ""
    """Empty until the first contact tells the player's language."""
    first_name: str = ""
    username: str = ""
    role: Role = Role.PLAYER
    blocked_at: datetime | None = None
    """Since when the bot cannot write to the player; None when it can."""
    tap_tokens: float = float(TAPS.burst)
    tapped_at: datetime | None = None
    command_tokens: float = float(COMMANDS.burst)
    commanded_at: datetime | None = None
    noticed_at: datetime | None = None
    """When the player was last told to slow down."""
    album: str = ""
    """The newest album of pictures that was heard: all of its messages together are one."""
    screen_message_id: int = 0
    """The live game message; 0 while it is on its way or when there is none."""
    screen_round: UUID | None = None
    """The open round that the live message shows."""
    code_asked_at: datetime | None = None
    """When the player was asked for a promo code, and has done nothing else since; None: they were not."""

    @property
    def is_new(self) -> bool:
        """Whether the player has not been met yet."""
        return not self.language

    def meet(self, language_code: str, first_name: str, username: str) -> bool:
        """Note who is writing; return True when the name is new, so that the game must hear of it.

        The language is taken from Telegram once, at first contact; afterwards only `/language` changes it.
        """
        if self.is_new:
            self.language = nearest_language(language_code)
        name = storable(first_name)
        changed = self.first_name != name
        self.first_name, self.username = name, storable(username)
        return changed

    def may_tap(self, now: datetime) -> Verdict:
        """Take one tap's token: 5 a second, burst 10 (DOMAIN §11)."""
        self.tap_tokens, wait_seconds = token_bucket.take(self.tap_tokens, self.tapped_at, now, TAPS)
        self.tapped_at = now
        return self._verdict(wait_seconds == 0, now)

    def may_command(self, now: datetime) -> Verdict:
        """Take one command's token: 10 a minute (DOMAIN §11)."""
        self.command_tokens, wait_seconds = token_bucket.take(self.command_tokens, self.commanded_at, now, COMMANDS)
        self.commanded_at = now
        return self._verdict(wait_seconds == 0, now)

    def hear_album(self, album: str) -> bool:
        """Note the album that a message is a part of, if it is; return True when another part of it was heard."""
        album = storable(album)[:ALBUM_LENGTH_MAX]
        again = bool(album) and album == self.album
        self.album = album or self.album
        return again

    def ask_for_code(self, now: datetime) -> None:
        """Take the next text for a promo code."""
        self.code_asked_at = now

    def leave_code_question(self) -> None:
        """Take texts for texts again: the player answered, or did something else."""
        self.code_asked_at = None

    def awaits_code(self, now: datetime) -> bool:
        """Whether a text is the code that was asked for: so long the question stands."""
        return self.code_asked_at is not None and now < self.code_asked_at + CODE_AWAITED_FOR

    def become(self, other: "Chat") -> None:
        """Take over everything of another state of the same chat."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(other, name))

    def show_round(self, round_id: UUID | None, message_id: int) -> None:
        """Note what the live message shows from now on; `message_id` 0 while it is on its way."""
        self.screen_round = round_id
        self.screen_message_id = message_id

    def board_of(self, round_id: UUID) -> int:
        """Return the live message's id if it shows this open round, else 0."""
        return self.screen_message_id if self.screen_round == round_id else 0

    def _verdict(self, allowed: bool, now: datetime) -> Verdict:
        if allowed:
            return Verdict.PASS
        if self.noticed_at is None or (now - self.noticed_at).total_seconds() >= NOTICE_SECONDS:
            self.noticed_at = now
            return Verdict.NOTICE
        return Verdict.SILENCE


def nearest_language(language_code: str) -> str:
    """Return the catalogue for an IETF tag such as `de-AT`; German for a player who does not say (DOMAIN, opening)."""
    if not language_code:
        return LANGUAGES[0]
    primary = language_code.replace("_", "-").split("-", 1)[0].lower()
    return primary if primary in LANGUAGES else "en"
