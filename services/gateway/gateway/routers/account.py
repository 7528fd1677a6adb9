"""Language and help, which the gateway answers by itself: /language, /help."""

from aiogram import Router
from aiogram.types import Message

from gateway.handlers.visit import Visit
from gateway.presenter import answers
from gateway.routers.filters import Typed


def router() -> Router:
    """Return the router of this area."""
    area = Router(name="account")
    area.message.register(on_language, Typed("language"))
    area.message.register(on_help, Typed("help"))
    return area


async def on_language(_: Message, visit: Visit) -> None:
    """Offer the languages."""
    visit.show(answers.languages(visit.voice))


async def on_help(_: Message, visit: Visit) -> None:
    """Show how to play and all commands."""
    visit.show(answers.guide(visit.front.registry, visit.chat.role, visit.voice))
