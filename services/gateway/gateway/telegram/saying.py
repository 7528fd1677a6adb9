"""Says something with buttons to whatever Bot API server there is, also to one that is older than they are."""

import structlog

from gateway.telegram.bodies import InvoiceMessage, Markup, Message, known_everywhere
from gateway.telegram.refusals import is_about_buttons
from gateway.telegram.session import LeanSession, Reply

log = structlog.get_logger()


async def say(session: LeanSession, method: str, body: Message | InvoiceMessage) -> Reply:
    """Call `method`; buttons that the server does not understand are left out then. Raises UnreachableError.

    Colours, copying and disabled buttons are of 2026. A server of one's own may be older, and a question without its
    colours is better than none.
    """
    reply = await session.call(method, body)
    if isinstance(body, Message) and body.reply_markup is not None and is_about_buttons(reply):
        log.warning("buttons_not_understood", method=method, description=reply.description)
        known = known_everywhere(body.reply_markup.inline_keyboard)
        body.reply_markup = Markup(known) if known else None
        reply = await session.call(method, body)
    return reply
