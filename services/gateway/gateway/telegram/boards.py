"""Messages that are done with: boards that lead nowhere any more are closed, others are taken out of the chat."""

import msgspec

from actors.effects import Again, Attempt, Done, EffectResult
from gateway.domain.effects import CloseBoard, RemoveMessage
from gateway.telegram.bodies import Markup, Removal
from gateway.telegram.refusals import OUTAGE_SECONDS, is_too_old_to_remove, put_off
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


class MessageRemover:
    """Takes messages of the bot out of a player's chat."""

    def __init__(self, session: LeanSession) -> None:
        """Call the Bot API through `session`."""
        self._session = session

    async def remove(self, effect: RemoveMessage) -> EffectResult:
        """Take a message back; of one that is too old for it the buttons go, and one that is gone is gone."""
        try:
            reply = await self._session.call("deleteMessage", Removal(effect.player_id, effect.message_id))
            if is_too_old_to_remove(reply):
                bare = _KeyboardEdit(effect.player_id, effect.message_id, Markup(()))
                reply = await self._session.call("editMessageReplyMarkup", bare)
        except UnreachableError:
            return Again(after_seconds=OUTAGE_SECONDS)
        return put_off(reply) or Done()
