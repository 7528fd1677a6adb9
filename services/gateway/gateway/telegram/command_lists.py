"""The command menu of one chat, for players with a role of their own (DOMAIN §11)."""

from typing import Final

import msgspec
import structlog

from actors.effects import Again, Attempt, Done, EffectResult, Failed
from gateway.domain.effects import SetCommands
from gateway.telegram.refusals import OUTAGE_SECONDS, put_off
from gateway.telegram.session import LeanSession, UnreachableError

TRIED_SECONDS_MAX: Final = 24 * 3600

log = structlog.get_logger()


class ChatScope(msgspec.Struct, tag_field="type", tag="chat"):
    """One chat."""

    chat_id: int


class NamedCommand(msgspec.Struct):
    """A line of the menu."""

    command: str
    description: str


class CommandMenu(msgspec.Struct, omit_defaults=True):
    """Parameters of setMyCommands; without commands, of deleteMyCommands."""

    scope: ChatScope
    commands: tuple[NamedCommand, ...] = ()


class CommandLists:
    """Sets them; doing it twice does no harm."""

    def __init__(self, session: LeanSession) -> None:
        """Call by `session`."""
        self._session = session

    async def set(self, effect: SetCommands, attempt: Attempt) -> EffectResult:
        """Show the commands in the chat; it works without, so what Telegram refuses is left."""
        if attempt.superseded:
            return Done()
        menu = CommandMenu(ChatScope(effect.player_id), tuple(NamedCommand(*one) for one in effect.commands))
        method = "setMyCommands" if effect.commands else "deleteMyCommands"
        try:
            reply = await self._session.call(method, menu)
        except UnreachableError:
            is_old = (attempt.now - attempt.created_at).total_seconds() > TRIED_SECONDS_MAX
            return Failed("too_late") if is_old else Again(after_seconds=OUTAGE_SECONDS)
        if (later := put_off(reply)) is not None:
            return later
        if not reply.ok:
            log.warning("commands_not_set", code=reply.error_code, description=reply.description)
            return Failed("refused")
        return Done()
