"""What was bought for a player's game, and what is left of it when it is taken back (DOMAIN §5, §6)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from gameplay.domain import access
from gameplay.domain.journal import Asset, Entry
from gameplay.domain.player import Player

_HOUR: Final = timedelta(hours=1)


class Goods(msgspec.Struct, frozen=True):
    """Things of value, each ≥ 0. `mode_hours` are hours of access to each of the locked modes."""

    paid_energy: int = 0
    saver_tokens: int = 0
    duel_tickets: int = 0
    mode_hours: int = 0

    def without(self, others: "Goods") -> "Goods":
        """Return what remains when `others`, a part of these, are taken away."""
        return Goods(
            self.paid_energy - others.paid_energy,
            self.saver_tokens - others.saver_tokens,
            self.duel_tickets - others.duel_tickets,
            self.mode_hours - others.mode_hours,
        )


class Grant(msgspec.Struct):
    """One grant of payments, by its id. It is given once and taken back once, whichever is heard first."""

    id: UUID
    player_id: int
    goods: Goods = Goods()
    """What was given; nothing as long as only the revocation was heard."""
    granted_at: datetime | None = None
    revoked_at: datetime | None = None
    changed_at: datetime | None = None
    """When it was last written down here."""


def give(player: Player, goods: Goods, now: datetime) -> None:
    """Add to the player's balances; mode access begins now or when the present one ends (DOMAIN §5)."""
    energy = player.energy
    player.energy = msgspec.structs.replace(energy, paid=energy.paid + goods.paid_energy)
    player.saver_tokens += goods.saver_tokens
    player.duel_tickets += goods.duel_tickets
    if goods.mode_hours:
        for mode in sorted(access.LOCKED_MODES):
            progress = player.progress(mode)
            until = access.extended(progress.access_until, now, hours=goods.mode_hours)
            player.keep_progress(msgspec.structs.replace(progress, access_until=until))


def take_back(player: Player, goods: Goods, now: datetime) -> Goods:
    """Take goods away as far as they are still there (DOMAIN §6) and return what was taken.

    An hour of mode access that has begun counts as not yet used, so nobody owes for minutes.
    """
    taken = Goods(
        min(goods.paid_energy, player.energy.paid),
        min(goods.saver_tokens, player.saver_tokens),
        min(goods.duel_tickets, player.duel_tickets),
        _take_hours(player, goods.mode_hours, now),
    )
    player.energy = msgspec.structs.replace(player.energy, paid=player.energy.paid - taken.paid_energy)
    player.saver_tokens -= taken.saver_tokens
    player.duel_tickets -= taken.duel_tickets
    return taken


def _take_hours(player: Player, hours: int, now: datetime) -> int:
    """Shorten the access to every locked mode; returns the hours that were left in the longest one."""
    taken = 0
    for mode in sorted(access.LOCKED_MODES) if hours else ():
        progress = player.progress(mode)
        until = progress.access_until
        if until is None or until <= now:
            continue
        taken = max(taken, min(hours, -((now - until) // _HOUR)))
        player.keep_progress(msgspec.structs.replace(progress, access_until=access.shortened(until, now, hours=hours)))
    return taken


def entries(goods: Goods, *, cause: str, player_id: int, reason: str, at: datetime, sign: int = 1) -> Iterator[Entry]:
    """Yield the journal's entries for goods that came (`sign` 1) or went (-1); what is 0 needs none."""
    amounts = {
        Asset.PAID_ENERGY: goods.paid_energy,
        Asset.SAVER_TOKEN: goods.saver_tokens,
        Asset.DUEL_TICKET: goods.duel_tickets,
        Asset.MODE_HOURS: goods.mode_hours,
    }
    for asset, amount in amounts.items():
        if amount:
            yield Entry(cause, asset, player_id, sign * amount, reason, at)
