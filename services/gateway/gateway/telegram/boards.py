"""Closes boards that are left behind: nothing that is to be tapped there leads anywhere any more."""

import msgspec

from actors.effects import Again, Attempt, Done, EffectResult
from gateway.domain.effects import CloseBoard
from gateway.telegram.bodies import Markup
from gateway.telegram.refusals import OUTAGE_SECONDS, put_off
from gateway.telegram.session import LeanSession, UnreachableError


class _KeyboardEdit(msgspec.Struct):
    chat_id: int
    message_id: int
    reply_markup: Markup


class BoardCloser:
    """Changes keyboards alone. Taps on a board that could not be closed are answered all the same."""

    def __init__(self, session: LeanSession) -> None:
        """Call the Bot API through `session`."""
        self._session = session

    async def close(self, effect: CloseBoard, attempt: Attempt) -> EffectResult:
        """Close a board once; a message that is gone or cannot be changed stays as it is."""
        if attempt.superseded:
            return Done()
        body = _KeyboardEdit(effect.player_id, effect.message_id, Markup(effect.keyboard))
        try:
            reply = await self._session.call("editMessageReplyMarkup", body)
        except UnreachableError:
            return Again(after_seconds=OUTAGE_SECONDS)
        return put_off(reply) or Done()
