"""Says something with buttons to whatever Bot API server there is, also to one that is older than they are."""

import time
from collections.abc import Callable

import structlog

from gateway.telegram.bodies import InvoiceMessage, Markup, Message, known_everywhere
from gateway.telegram.refusals import is_about_buttons
from gateway.telegram.session import LeanSession, Reply

OLD_SERVER_SECONDS = 600.0
"""So long a server that did not understand a button is taken for an old one; it may be another one by then."""

log = structlog.get_logger()


class MessageSender:
    """Sends and edits messages. Buttons that the server does not understand are left out.

    Colours, copying and disabled buttons are of 2026. A server of one's own may be older, and a question without its
    colours is better than none.
    """

    def __init__(self, session: LeanSession, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`monotonic` counts seconds; tests move it."""
        self._session = session
        self._monotonic = monotonic
        self._old_until = float("-inf")

    async def say(self, method: str, body: Message | InvoiceMessage) -> Reply:
        """Call `method`; `body` says afterwards what was said. Raises UnreachableError."""
        if not isinstance(body, Message) or body.reply_markup is None:
            return await self._session.call(method, body)
        full, is_old = body.reply_markup, self._monotonic() < self._old_until
        if is_old:
            body.reply_markup = _known(full)
        reply = await self._session.call(method, body)
        if is_old or not is_about_buttons(reply) or (known := _known(full)) == full:
            return reply
        body.reply_markup = known
        again = await self._session.call(method, body)
        if again.ok:
            self._old_until = self._monotonic() + OLD_SERVER_SECONDS
            log.warning("buttons_not_understood", method=method, description=reply.description)
        return again


def _known(markup: Markup) -> Markup | None:
    keyboard = known_everywhere(markup.inline_keyboard)
    return Markup(keyboard) if keyboard else None
