"""Giving players something of value by hand: `admin.gameplay.player.grant` (DOMAIN §5, §6)."""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from actors.turn import Turn
from contracts.gameplay import GrantToPlayer, PlayerGranted
from gameplay.domain.grants import Goods, entries, give
from gameplay.domain.player import Player
from gameplay.handlers import actor
from gameplay.handlers.arrival import arrive

Amount = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


LIMITS: Final = {
    "player_id": Annotated[int, msgspec.Meta(gt=0, le=2**53)],
    "reason": Annotated[str, msgspec.Meta(min_length=1, max_length=200)],
    "paid_energy": Amount,
    "saver_tokens": Amount,
    "duel_tickets": Amount,
    "mode_hours": Amount,
}
"""Premium is given by `admin.payments.premium.grant`; here it is refused with that word."""


class GrantAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The balances after a grant, or why nothing was given."""

    granted: bool
    reason: str = ""
    paid_energy: int = 0
    saver_tokens: int = 0
    duel_tickets: int = 0
    premium_until: datetime | None = None
    mode_access_until: dict[str, datetime] = {}


def _fault(command: GrantToPlayer) -> str:
    """Return what is wrong with a grant, naming field and remedy; empty when nothing is."""
    if command.premium_days or command.premium_rank:
        field = "premium_days" if command.premium_days else "premium_rank"
        return f"{field}: premium belongs to payments; give it with admin.payments.premium.grant"
    amounts = msgspec.structs.astuple(_goods(command))
    if min(amounts) < 0 or not any(amounts):
        return "amounts: give at least one, none below 0"
    return ""


def _goods(command: GrantToPlayer) -> Goods:
    return Goods(command.paid_energy, command.saver_tokens, command.duel_tickets, command.mode_hours)


@actor.admin("player", "grant", answer=GrantAnswer, limits=LIMITS, check=_fault)
@actor.on(GrantToPlayer)
def grant_to_player(command: GrantToPlayer, player: Player | None, turn: Turn) -> None:
    """Add to the player's balances, write each movement to the journal, and answer with the balances."""
    fault = _fault(command)
    if player is None:
        fault = "player_id: no such player; a player exists once they have opened the chat"
    if player is None or fault:
        turn.reply(GrantAnswer(granted=False, reason=fault))
        return
    today = arrive(player, turn)
    goods, reason = _goods(command), turn.signed(command.reason)
    give(player, goods, turn.now)
    for entry in entries(goods, cause=turn.message.id, player_id=player.id, reason=reason, at=turn.now):
        turn.record(entry)
    turn.emit(
        PlayerGranted(
            player_id=player.id,
            grant_id=turn.message.id,
            energy=player.energy_view(turn.now, today),
            saver_tokens=player.saver_tokens,
            duel_tickets=player.duel_tickets,
            premium_until=player.premium.until(turn.now),
        )
    )
    turn.reply(_answer(player, turn.now))


def _answer(player: Player, now: datetime) -> GrantAnswer:
    return GrantAnswer(
        granted=True,
        paid_energy=player.energy.paid,
        saver_tokens=player.saver_tokens,
        duel_tickets=player.duel_tickets,
        premium_until=player.premium.until(now),
        mode_access_until={
            progress.mode: progress.access_until for progress in player.modes if progress.access_until is not None
        },
    )
