"""Giving players something of value by hand: `admin.gameplay.player.grant` (DOMAIN §5, §6)."""

from datetime import datetime
from typing import Annotated

import msgspec

from actors.doors import AdminRequest
from actors.turn import Turn
from contracts.gameplay import GrantToPlayer, PlayerGranted
from gameplay.domain import access, premium
from gameplay.domain.journal import Asset, Entry
from gameplay.domain.player import Player
from gameplay.handlers import actor
from gameplay.handlers.arrival import arrive

Amount = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
Days = Annotated[int, msgspec.Meta(ge=0, le=3_660)]
Rank = Annotated[int, msgspec.Meta(ge=0, le=4)]


class GrantRequest(AdminRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator sends; `premium_days` needs a `premium_rank` of 1 Starter, 2 Month, 3 Season or 4 Year."""

    player_id: Annotated[int, msgspec.Meta(gt=0, le=2**53)]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    paid_energy: Amount = 0
    saver_tokens: Amount = 0
    duel_tickets: Amount = 0
    premium_days: Days = 0
    premium_rank: Rank = 0
    mode_hours: Amount = 0


class GrantAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The balances after a grant, or why nothing was given."""

    granted: bool
    reason: str = ""
    paid_energy: int = 0
    saver_tokens: int = 0
    duel_tickets: int = 0
    premium_until: datetime | None = None
    mode_access_until: dict[str, datetime] = {}


def to_command(request: GrantRequest) -> GrantToPlayer:
    """Return the command that an operator's request stands for; raises ValueError for one that gives nothing."""
    command = GrantToPlayer(
        player_id=request.player_id,
        reason=request.reason,
        operator=request.operator,
        paid_energy=request.paid_energy,
        saver_tokens=request.saver_tokens,
        duel_tickets=request.duel_tickets,
        premium_days=request.premium_days,
        premium_rank=request.premium_rank,
        mode_hours=request.mode_hours,
    )
    fault = _fault(command)
    if fault:
        raise ValueError(fault)
    return command


actor.admin("player", "grant", request=GrantRequest, command=to_command)


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
    _give_counted(command, player, turn)
    _give_timed(command, player, turn)
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


def _fault(command: GrantToPlayer) -> str:
    """Return what is wrong with a grant, naming field and remedy; empty when nothing is."""
    counted = (command.paid_energy, command.saver_tokens, command.duel_tickets)
    amounts = (*counted, command.premium_days, command.mode_hours)
    if min(amounts) < 0 or not any(amounts):
        return "amounts: give at least one, none below 0"
    if command.premium_days and not 1 <= command.premium_rank <= 4:
        return "premium_rank: premium_days needs a rank from 1 (Starter) to 4 (Year)"
    return ""


def _give_counted(command: GrantToPlayer, player: Player, turn: Turn) -> None:
    energy = player.energy
    player.energy = msgspec.structs.replace(energy, paid=energy.paid + command.paid_energy)
    player.saver_tokens += command.saver_tokens
    player.duel_tickets += command.duel_tickets
    _record(Asset.PAID_ENERGY, command.paid_energy, command, turn)
    _record(Asset.SAVER_TOKEN, command.saver_tokens, command, turn)
    _record(Asset.DUEL_TICKET, command.duel_tickets, command, turn)


def _give_timed(command: GrantToPlayer, player: Player, turn: Turn) -> None:
    if command.premium_days:
        player.premium = premium.extend(player.premium, turn.now, days=command.premium_days, rank=command.premium_rank)
    if command.mode_hours:
        for mode in sorted(access.LOCKED_MODES):
            progress = player.progress(mode)
            until = access.extended(progress.access_until, turn.now, hours=command.mode_hours)
            player.keep_progress(msgspec.structs.replace(progress, access_until=until))
    _record(Asset.PREMIUM_DAYS, command.premium_days, command, turn)
    _record(Asset.MODE_HOURS, command.mode_hours, command, turn)


def _record(asset: Asset, amount: int, command: GrantToPlayer, turn: Turn) -> None:
    if amount:
        reason = f"{command.operator}: {command.reason}"
        turn.record(Entry(turn.message.id, asset, command.player_id, amount, reason, turn.now))


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
