"""What no other router took: groups, unknown commands, free text."""

from aiogram import Router
from aiogram.types import Message

from gateway.handlers.visit import Visit
from gateway.presenter import answers
from gateway.routers.filters import AnyCommand, InGroup


def groups() -> Router:
    """Return the router that keeps groups out of the game; comes first."""
    area = Router(name="groups")
    area.message.register(on_group, InGroup())
    return area


def router() -> Router:
    """Return the router for what is left; comes last."""
    area = Router(name="rest")
    area.message.register(on_unknown_command, AnyCommand())
    area.message.register(on_text)
    return area


async def on_group(_: Message, visit: Visit) -> None:
    """Show the way to the private chat."""
    visit.show(answers.group(visit.front.bot_username, visit.voice))


async def on_unknown_command(_: Message, visit: Visit) -> None:
    """Name the nearest match and show the help."""
    registry, role = visit.front.registry, visit.chat.role
    nearest = registry.nearest(visit.command, role)
    visit.show(answers.unknown_command(nearest.name if nearest else "", registry, role, visit.voice))


async def on_text(_: Message, visit: Visit) -> None:
    """Nudge towards the buttons."""
    visit.show(answers.nudge(visit.voice))
