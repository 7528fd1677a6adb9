"""Hands messages to aiogram's routers: as aiogram's objects, made of what our narrow view holds and nothing else.

So no field that Telegram adds, leaves out or changes elsewhere in a message can keep it from being answered.
"""

from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Chat, Message, Update, User

from contracts.gateway import TelegramUpdate
from gateway.domain.update import Said
from gateway.handlers.visit import Visit


async def feed(message: TelegramUpdate, said: Said, visit: Visit) -> str:
    """Have the routers handle a message; returns the status for the update log."""
    front = visit.front
    sender = said.player
    update = Update(
        update_id=message.update_id,
        message=Message(
            message_id=said.message_id,
            date=message.received_at,
            chat=Chat(id=said.chat.id, type=said.chat.type),
            from_user=User(id=sender.id, is_bot=False, first_name=sender.first_name) if sender is not None else None,
            text=said.words,
        ),
    )
    result = await front.dispatcher.feed_update(front.bot, update, visit=visit)
    return "ignored" if result is UNHANDLED else "handled"
