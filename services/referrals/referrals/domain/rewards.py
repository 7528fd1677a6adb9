"""A player's rewards (DOMAIN §9): every third qualified referral is a slot, and two may be claimed a Berlin month.

Which slots there are follows from which referrals qualify, whatever the order in which that was heard.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from contracts.berlin import BerlinDay, day_of
from contracts.referrals import ClaimOutcome, RewardChoice, SlotState
from referrals.domain.months import counted_on, first_of

PER_SLOT: Final = 3
HELD_FOR: Final = timedelta(hours=48)
PER_MONTH_MAX: Final = 2
_OPEN: Final = frozenset({SlotState.HELD, SlotState.AVAILABLE, SlotState.DEFERRED_LIMIT})
"""States in which it is neither claimed nor gone."""


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """One reward. `number` counts a player's slots from 1."""

    number: int
    state: SlotState
    qualified_at: datetime
    """When the last of its three referrals qualified."""
    changed_at: datetime
    choice: RewardChoice | None = None
    claimed_at: datetime | None = None
    claimed_on: date | None = None
    """The Berlin day."""
    grant_id: UUID | None = None
    """Of what the claim gave; stays when it is taken back."""

    @property
    def claimable_at(self) -> datetime:
        """When the hold ends."""
        return self.qualified_at + HELD_FOR


class Claim(msgspec.Struct, frozen=True):
    """What came of a wish for a reward."""

    outcome: ClaimOutcome
    slot: Slot | None = None
    is_new: bool = False
    """Whether it was claimed by this very wish."""


class Changes(msgspec.Struct, frozen=True):
    """What a comparison of slots with the qualified referrals led to."""

    gained: tuple[Slot, ...] = ()
    taken_back: tuple[Slot, ...] = ()


class Rewards(msgspec.Struct):
    """All slots of one player."""

    player_id: int
    slots: tuple[Slot, ...] = ()
    """By number."""
    stored: tuple[Slot, ...] = ()
    """As the database has them."""

    @property
    def unsaved(self) -> list[Slot]:
        """Those that are new or changed."""
        stored = set(self.stored)
        return [slot for slot in self.slots if slot not in stored]

    def settle(self, qualified: Sequence[datetime], now: datetime) -> Changes:
        """Have as many slots as referrals qualify for: `qualified` has when each third one did, the earliest first."""
        kept, gained, taken_back = list[Slot](), list[Slot](), list[Slot]()
        known = {slot.number: slot for slot in self.slots}
        for number in range(1, max(len(qualified), *known, 0) + 1):
            before = known.get(number)
            at = qualified[number - 1] if number <= len(qualified) else None
            after = _settled(number, before, at, now)
            kept.append(after)
            if after.state is SlotState.HELD and (before is None or before.state not in _OPEN):
                gained.append(after)
            if after.state is SlotState.TAKEN_BACK and before is not None and before.state is SlotState.CLAIMED:
                taken_back.append(after)
        self.slots = tuple(kept)
        return Changes(tuple(gained), tuple(taken_back))

    def open_due(self, now: datetime) -> tuple[Slot, ...]:
        """Open what was held long enough, as far as the month has room; returns what was opened.

        Until 00:05 of a month's first day the room is the last month's: what that deferred comes first.
        """
        room = PER_MONTH_MAX - self._taken(counted_on(now))
        opened = list[Slot]()
        for slot in self.slots:
            is_due = slot.state in (SlotState.HELD, SlotState.DEFERRED_LIMIT) and slot.claimable_at <= now
            state = SlotState.AVAILABLE if room > 0 else SlotState.DEFERRED_LIMIT
            if not is_due or state is slot.state:
                continue
            room -= state is SlotState.AVAILABLE
            opened.append(msgspec.structs.replace(slot, state=state, changed_at=now))
        self._keep(*opened)
        return tuple(slot for slot in opened if slot.state is SlotState.AVAILABLE)

    def claim(self, number: int, choice: RewardChoice, grant_id: UUID, now: datetime) -> Claim:
        """Claim a slot; one that is claimed already gives its first outcome again."""
        slot = next((one for one in self.slots if one.number == number), None)
        if slot is None or slot.state in (SlotState.LOST, SlotState.TAKEN_BACK):
            return Claim(ClaimOutcome.NO_REWARD)
        if slot.state is SlotState.CLAIMED:
            return Claim(ClaimOutcome.CLAIMED, slot)
        if now < slot.claimable_at:
            return Claim(ClaimOutcome.TOO_EARLY, slot)
        is_early = slot.state is SlotState.DEFERRED_LIMIT and first_of(counted_on(now)) != first_of(day_of(now))
        if is_early or self.claimed_in_month(day_of(now)) >= PER_MONTH_MAX:
            if slot.state is not SlotState.DEFERRED_LIMIT:
                slot = msgspec.structs.replace(slot, state=SlotState.DEFERRED_LIMIT, changed_at=now)
                self._keep(slot)
            return Claim(ClaimOutcome.MONTHLY_CAP, slot)
        slot = msgspec.structs.replace(
            slot,
            state=SlotState.CLAIMED,
            changed_at=now,
            choice=choice,
            claimed_at=now,
            claimed_on=day_of(now).local,
            grant_id=grant_id,
        )
        self._keep(slot)
        return Claim(ClaimOutcome.CLAIMED, slot, is_new=True)

    def claimed_in_month(self, today: BerlinDay) -> int:
        """Return how many slots were claimed in the Berlin month of a day and stand."""
        month = today.local.replace(day=1)
        return sum(
            slot.state is SlotState.CLAIMED and slot.claimed_on is not None and slot.claimed_on.replace(day=1) == month
            for slot in self.slots
        )

    def _taken(self, today: BerlinDay) -> int:
        """How many are claimed in the month of a day, or may be."""
        return self.claimed_in_month(today) + sum(slot.state is SlotState.AVAILABLE for slot in self.slots)

    def _keep(self, *changed: Slot) -> None:
        of_number = {slot.number: slot for slot in changed}
        self.slots = tuple(of_number.get(slot.number, slot) for slot in self.slots)


def _settled(number: int, before: Slot | None, qualified_at: datetime | None, now: datetime) -> Slot:
    """Return a slot as it stands when its referrals qualify at an instant, or do not (None)."""
    if before is None:
        if qualified_at is None:
            raise ValueError(f"slot {number} is neither known nor earned")
        return Slot(number=number, state=SlotState.HELD, qualified_at=qualified_at, changed_at=now)
    if qualified_at is None:
        if before.state in _OPEN:
            return msgspec.structs.replace(before, state=SlotState.LOST, changed_at=now)
        if before.state is SlotState.CLAIMED:
            return msgspec.structs.replace(before, state=SlotState.TAKEN_BACK, changed_at=now)
        return before
    if before.state in (SlotState.LOST, SlotState.TAKEN_BACK):
        return Slot(number=number, state=SlotState.HELD, qualified_at=qualified_at, changed_at=now)
    if before.state is SlotState.HELD and before.qualified_at != qualified_at:
        return msgspec.structs.replace(before, qualified_at=qualified_at, changed_at=now)
    return before
