"""How what performs effects learns of those that a transaction writes: before the commit to wait, after it to begin."""

from collections.abc import Sequence
from types import TracebackType
from typing import Protocol, Self

from actors.engine.rows import EffectRow
from actors.engine.turn_result import TurnResult


class EffectQueue(Protocol):
    """What performs effects (`actors.engine.effect_runner`)."""

    def expect(self, rows: Sequence[EffectRow]) -> None:
        """Take these by `hand_over` alone: their transaction is about to commit, and the table shows them then."""

    def withdraw(self, rows: Sequence[EffectRow]) -> None:
        """Expect these no more: they were not committed, or nobody knows, and what the table shows is right."""

    def hand_over(self, rows: Sequence[EffectRow]) -> None:
        """Perform these: they are committed."""

    def forget(self, rows: Sequence[EffectRow]) -> None:
        """Forget these: the transaction that deleted them is committed."""


class Handover:
    """Around one transaction: whatever becomes of the rest of its batch, its effects are handed over after its commit.

    No sweep of the table can take them in between, so they are in memory once.
    """

    def __init__(self, queue: EffectQueue | None) -> None:
        """Hand over to `queue`; without one, whoever performs effects finds them in the table."""
        self._queue = queue
        self._taken: TurnResult | None = None

    def expect(self, taken: TurnResult) -> None:
        """All that the transaction writes and deletes is known: call this before it is sent."""
        self._taken = taken
        if self._queue is not None:
            self._queue.expect(taken.effects)

    async def __aenter__(self) -> Self:
        """Nothing is handed over before the block ends."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hand over what is committed; withdraw what failed."""
        if self._queue is None or self._taken is None:
            return
        if kind is None:
            self._queue.forget(self._taken.deleted)
            self._queue.hand_over(self._taken.effects)
        else:
            self._queue.withdraw(self._taken.effects)
