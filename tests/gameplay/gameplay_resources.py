"""What gameplay's handlers and read models are given, as `gameplay.app.build()` gives it."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from actors.clock import Clock
from gameplay.domain.bank import QuestionBank
from gameplay.store.scores import Leaderboards


def resources(bank: QuestionBank, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> Mapping[type, Any]:
    """Return a bank and leaderboards of one's own."""
    return {QuestionBank: bank, Leaderboards: Leaderboards(pool, clock)}
