"""What performing an effect may come to, and what its handler is told (`actors.engine.effect_runner` runs it)."""

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from contracts.message import Contract

ATTEMPTS_MAX = 10
"""After so many attempts that ended in an exception, an effect is dead-lettered."""

PARTITIONS = 64
"""Queues are hashed into so many partitions; each partition is served by one replica at a time."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Which try of which effect this is."""

    effect_id: str
    """The same on every try: use it as the outside's idempotency key where there is one."""
    number: int
    """1 for the first try."""
    ordering_key: str
    created_at: datetime
    now: datetime
    superseded: bool = False
    """True when a later effect of the queue has the same `supersedes` key: this one need not be shown any more."""
    behind: int = 0
    """How many effects of the queue wait behind this one in memory."""


class Done:
    """It took effect. `messages` go through the service's own turn, in the transaction that forgets the effect."""

    __slots__ = ("messages",)

    def __init__(self, *messages: Contract) -> None:
        """Name the messages that tell of the result; may be none."""
        self.messages = messages


AGAIN_SECONDS_MIN = 0.01
AGAIN_SECONDS_MAX = 3_600.0


def asked_seconds(said: int | None, otherwise: float = 1.0) -> float:
    """Return how long to wait before a call that was refused for now: what its answer says, or `otherwise`.

    A second at least and an hour at most, whatever it says: a wrong number must neither have the call go round and
    round nor put it off for years.
    """
    return otherwise if said is None else float(min(max(said, 1), int(AGAIN_SECONDS_MAX)))


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """It did not take effect; try again later. Not counted as a failure."""

    after_seconds: float
    """TurnResult for AGAIN_SECONDS_MIN or AGAIN_SECONDS_MAX when it is beyond them."""
    pause: Literal["lane", "all"] = "lane"
    """Hold back only this queue (whose order is kept), or every effect of this kind in this process."""


class Failed:
    """It will never take effect, for a reason that is no bug (the player blocked the bot)."""

    __slots__ = ("messages", "reason")

    def __init__(self, reason: str, *messages: Contract) -> None:
        """Say why, in a word that can be a metric's label, and name the messages that tell of it."""
        self.reason = reason
        self.messages = messages


EffectResult: TypeAlias = Done | Again | Failed
