"""Energy: what a round costs and how it comes back (DOMAIN §2).

The clock of the regeneration never stops and never starts over: from `anchor` on it strikes every 1,800 s, adding one
unit when there is room and nothing at the cap or while premium is active. So the remainder always carries over, and
settling twice is the same as settling once.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final, Protocol

import msgspec

from contracts.berlin import BerlinDay
from contracts.gameplay import EnergyLevel, EnergyView

FREE_CAP: Final = 20
STEP_SECONDS: Final = 1_800
STEP: Final = timedelta(seconds=STEP_SECONDS)
ROUND_COST: Final = 1
LOW_MAX: Final = 3


class Span(Protocol):
    """A time during which premium is active: `begins <= instant < ends`."""

    @property
    def begins(self) -> datetime: ...  # noqa: D102
    @property
    def ends(self) -> datetime: ...  # noqa: D102


class Energy(msgspec.Struct, frozen=True, gc=False):
    """A player's energy as it stood when it was last settled."""

    free: int
    paid: int
    anchor: datetime
    """The last strike of the regeneration's clock that was counted."""
    topped_up_on: date
    """The Berlin day up to which the daily top-up is settled."""


class Payment(msgspec.Struct, frozen=True, gc=False):
    """What paying for one round came to; `energy` is None when the player could not pay."""

    energy: Energy | None
    paid_spent: int = 0


def full(now: datetime, today: BerlinDay) -> Energy:
    """Return a newcomer's energy: free energy at its cap, the clock beginning now."""
    return Energy(FREE_CAP, 0, now, today.local)


def settle(energy: Energy, now: datetime, today: BerlinDay, premium: Sequence[Span] = ()) -> Energy:
    """Return energy as of `now`: first the strikes since the anchor, then the top-ups of the midnights since.

    `premium` lists the spans in which a strike adds nothing. Time that runs backwards changes nothing.
    """
    strikes = (now - energy.anchor) // STEP
    due = energy.topped_up_on < today.local
    if strikes <= 0 and not due:
        return energy
    anchor, free = energy.anchor, energy.free
    if strikes > 0:
        idle = sum(_strikes_within(anchor, strikes, span) for span in premium) if premium else 0
        free = min(FREE_CAP, free + max(0, strikes - idle))
        anchor += strikes * STEP
    if not due:
        return Energy(free, energy.paid, anchor, energy.topped_up_on)
    return Energy(max(free, FREE_CAP), energy.paid, anchor, today.local)


def _strikes_within(anchor: datetime, strikes: int, span: Span) -> int:
    """Return how many of the `strikes` after `anchor` fall into the span."""
    before_span = min(strikes, max(0, _strikes_before(anchor, span.begins)))
    before_end = min(strikes, max(0, _strikes_before(anchor, span.ends)))
    return max(0, before_end - before_span)


def _strikes_before(anchor: datetime, instant: datetime) -> int:
    """Return the number of strikes after `anchor` and strictly before `instant`."""
    return -((anchor - instant) // STEP) - 1


def pay_round(energy: Energy, *, premium: bool) -> Payment:
    """Take the cost of one round from settled energy: premium costs 0, then free, then paid, else refused."""
    if premium:
        return Payment(energy)
    if energy.free >= ROUND_COST:
        return Payment(Energy(energy.free - ROUND_COST, energy.paid, energy.anchor, energy.topped_up_on))
    if energy.paid >= ROUND_COST:
        paid = energy.paid - ROUND_COST
        return Payment(Energy(energy.free, paid, energy.anchor, energy.topped_up_on), paid_spent=ROUND_COST)
    return Payment(None)


def level(energy: Energy, *, premium: bool) -> EnergyLevel:
    """Return how the energy is shown: empty 0, low 1–3, fine from 4 or with premium."""
    left = energy.free + energy.paid
    if premium or left > LOW_MAX:
        return EnergyLevel.FINE
    return EnergyLevel.LOW if left else EnergyLevel.EMPTY


def view(energy: Energy, now: datetime, today: BerlinDay, premium_until: datetime | None) -> EnergyView:
    """Return settled energy as events carry it; `premium_until` is None when premium is not active."""
    premium = premium_until is not None
    next_minutes = full_minutes = 0
    missing = FREE_CAP - energy.free
    if missing > 0:
        idle = max(0, _strikes_before(energy.anchor, premium_until)) if premium_until else 0
        next_minutes = _minutes_up(min(energy.anchor + STEP * (idle + 1), today.ends) - now)
        full_minutes = _minutes_up(min(energy.anchor + STEP * (idle + missing), today.ends) - now)
    return EnergyView(
        free=energy.free,
        paid=energy.paid,
        premium=premium,
        level=level(energy, premium=premium),
        full_in_minutes=full_minutes,
        next_in_minutes=next_minutes,
    )


_MINUTE: Final = timedelta(minutes=1)


def _minutes_up(span: timedelta) -> int:
    """Return whole minutes, rounded up."""
    return max(0, -(-span // _MINUTE))
