"""Payments' side of what referrals gave (DOMAIN §6, §9)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from actors.asking import Asker
from contracts.payments import BookedGrantsAnswer, BookedGrantsQuery

ANSWER_SECONDS_MAX: Final = 10.0


class PaymentsBooks:
    """Asks payments; may be tried again at any time."""

    def __init__(self, asker: Asker) -> None:
        """`asker` puts the questions."""
        self._asker = asker

    async def booked(self, grants: Sequence[UUID]) -> BookedGrantsAnswer:
        """Return which of at most a thousand grants were given, and taken back; raises QueryError without an answer."""
        return await self._asker.query(BookedGrantsQuery(grant_ids=tuple(grants)), timeout_seconds=ANSWER_SECONDS_MAX)
