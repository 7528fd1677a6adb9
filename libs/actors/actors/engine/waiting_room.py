"""Where messages wait that nobody waits for: for the lane's next turn, and a little while at most.

A turn costs much the same for one message as for ten. So what comes alone and in no hurry joins others.
"""

import asyncio
from collections.abc import Callable, Collection, Sequence

from actors.engine.delivery import Delivery
from contracts.message import Contract, shape_of

WAIT_SECONDS = 0.5


class WaitingRoom:
    """Keeps the messages of some contracts until a turn is taken."""

    def __init__(self, contracts: Collection[type[Contract]], *, full_at: int, due: Callable[[], None]) -> None:
        """Call `due` when the first of them has waited long enough, or `full_at` wait."""
        self._types = frozenset(shape_of(contract).type_name for contract in contracts)
        self._full_at = full_at
        self._due = due
        self._waiting: list[Delivery] = []
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def takes(self, delivery: Delivery) -> bool:
        """Keep a message that may wait, and return whether it did."""
        if self._is_closed or delivery.envelope.type_name not in self._types:
            return False
        self._waiting.append(delivery)
        if len(self._waiting) >= self._full_at:
            self._due()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WAIT_SECONDS, self._due)
        return True

    def leave(self) -> Sequence[Delivery]:
        """Return all who wait, in the order in which they came; they wait no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        left, self._waiting = self._waiting, []
        return left

    def close(self) -> None:
        """Keep nothing from now on: the process is about to stop."""
        self._is_closed = True
