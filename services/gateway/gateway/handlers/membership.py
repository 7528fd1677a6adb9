"""Players who block the bot, or let it back in."""

from contracts.gateway import PlayerReachabilityChanged, TelegramUpdate
from gateway.domain.log import Outcome
from gateway.domain.update import read_membership
from gateway.handlers.visit import Visit

GONE = ("kicked", "left")
BACK = ("member", "administrator", "creator")


def hear_membership(message: TelegramUpdate, visit: Visit) -> Outcome:
    """Note whether the player can be reached; groups that add or remove the bot are none of our business."""
    change = read_membership(message.update)
    if change is None:
        return Outcome("unreadable")
    chat, now, status = visit.chat, visit.turn.now, change.new_chat_member.status
    if not change.chat.is_private or change.chat.id != chat.player_id or status not in (*GONE, *BACK):
        return Outcome("ignored")
    reachable = status in BACK
    if reachable is not (chat.blocked_at is None):
        chat.blocked_at = None if reachable else now
        visit.turn.emit(PlayerReachabilityChanged(player_id=chat.player_id, reachable=reachable, at=now))
    return Outcome("handled")
