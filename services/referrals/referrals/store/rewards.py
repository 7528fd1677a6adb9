"""Slots and what is known of a referrer's referrals, as rows."""

from collections.abc import Mapping, Sequence
from typing import Final

from asyncpg import Record

from actors.queries import load
from actors.store import Connection, ReadModel, Store, Writer
from contracts.referrals import RewardChoice, SlotState
from referrals.domain.rewards import Rewards, Slot
from referrals.domain.standing import Earned, Figures

SQL: Final = load("referrals.store", "rewards.sql")


class RewardStore(Store[int, Rewards]):
    """All slots of a player, a row each."""

    state = Rewards
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, Rewards]:
        """Load and lock slots in the order of their players."""
        slots: dict[int, list[Slot]] = {}
        for row in await connection.fetch(SQL["load_slots"], keys):
            slots.setdefault(row["player_id"], []).append(_slot_of(row))
        return {key: Rewards(key, tuple(theirs), tuple(theirs)) for key, theirs in slots.items()}

    async def save(self, connection: Writer, states: Sequence[Rewards]) -> None:
        """Write the slots that are new or changed, however many their players have, in one statement."""
        rows = [_row_of(rewards.player_id, slot) for rewards in states for slot in rewards.unsaved]
        await connection.execute(SQL["save_slots"], rows)

    def blank(self, key: int) -> Rewards:
        """Return those of somebody who has none."""
        return Rewards(key)


class EarnedSlots(ReadModel[int, Earned]):
    """The qualified referrals of players. Kept behind their rewards: it is read when those are locked."""

    state = Earned
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, Earned]:
        """Count them, and see when each third one qualified."""
        rows = await connection.fetch(SQL["earned"], keys)
        return {row[0]: Earned(row[1], tuple(row[2] or ())) for row in rows}


class ReferrerFigures(ReadModel[int, Figures]):
    """What came of players' links."""

    state = Figures
    key_field = "player_id"

    async def load(self, connection: Connection, keys: Sequence[int]) -> Mapping[int, Figures]:
        """Count them."""
        return {row[0]: Figures(row[1], row[2]) for row in await connection.fetch(SQL["figures"], keys)}

    def blank(self, key: int) -> Figures:
        """Return those of somebody who brought nobody."""
        del key
        return Figures()


def _slot_of(row: Record) -> Slot:
    _, number, state, qualified_at, changed_at, choice, claimed_at, claimed_on, grant_id = row
    return Slot(
        number=number,
        state=SlotState(state),
        qualified_at=qualified_at,
        changed_at=changed_at,
        choice=None if choice is None else RewardChoice(choice),
        claimed_at=claimed_at,
        claimed_on=claimed_on,
        grant_id=grant_id,
    )


def _row_of(player_id: int, slot: Slot) -> tuple[object, ...]:
    claimed = (slot.choice, slot.claimed_at, slot.claimed_on, slot.grant_id)
    return (player_id, slot.number, slot.state, slot.qualified_at, slot.changed_at, *claimed)
