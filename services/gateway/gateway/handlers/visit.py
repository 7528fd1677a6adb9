"""One update being handled: who is there, where, and the ways to answer."""

import msgspec

from actors.turn import Turn
from contracts.gameplay import WelcomePlayer
from contracts.message import Command
from gateway.domain.chat import Chat
from gateway.domain.deep_link import DeepLink
from gateway.domain.origin import Origin
from gateway.domain.screen import Screen
from gateway.handlers.showing import show
from gateway.handlers.table import UpdateServices
from gateway.texts import Voice


class ForgedError(ValueError):
    """Callback data that this bot never made or no longer makes."""


class Visit(msgspec.Struct, kw_only=True):
    """Handed to whatever handles a command, a tap or a text."""

    chat: Chat
    origin: Origin
    turn: Turn
    services: UpdateServices
    command: str = ""
    """The command that was typed, without slash; empty for anything else."""
    argument: str = ""
    """What stood after the command."""
    words: str = ""
    """What was typed that is no command."""
    link: DeepLink | None = None
    """The deep link that the argument begins with, of a command that opens such."""

    @property
    def voice(self) -> Voice:
        """The texts in the player's language."""
        return self.services.voice(self.chat)

    def ask(self, command: Command, *, origin: Origin | None = None) -> None:
        """Hand a command to its owner; the event that answers it finds its way back here by the origin."""
        where = self.origin if origin is None else origin
        if where.is_tap:
            self.services.watch.expect(where.query_id, self.chat.language, self.turn.message.id)
        self.turn.emit(command, origin=where.encode())

    def show(self, screen: Screen) -> None:
        """Answer with a screen that no other service is needed for."""
        show(screen, chat=self.chat, origin=self.origin, turn=self.turn)

    def introduce(self) -> None:
        """Tell the game the player's name and language."""
        chat = self.chat
        self.turn.emit(WelcomePlayer(player_id=chat.player_id, name=chat.first_name, language=chat.language), origin="")
