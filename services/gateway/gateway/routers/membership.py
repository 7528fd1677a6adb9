"""Players who block the bot, or let it back in."""

from aiogram import Router
from aiogram.types import ChatMemberUpdated

from contracts.gateway import PlayerReachabilityChanged
from gateway.handlers.visit import Visit

GONE = ("kicked", "left")


def router() -> Router:
    """Return the router of this area."""
    area = Router(name="membership")
    area.my_chat_member.register(on_membership)
    return area


async def on_membership(change: ChatMemberUpdated, visit: Visit) -> None:
    """Note whether the player can be reached; groups that add or remove the bot are none of our business."""
    if change.chat.type != "private":
        return
    chat, now = visit.chat, visit.turn.now
    reachable = change.new_chat_member.status not in GONE
    if reachable is (chat.blocked_at is None):
        return
    chat.blocked_at = None if reachable else now
    visit.turn.emit(PlayerReachabilityChanged(player_id=chat.player_id, reachable=reachable, at=now))
