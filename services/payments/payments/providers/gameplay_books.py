"""Gameplay's side of the goods: what it holds of what payments granted, asked page by page (DOMAIN §6)."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from actors.asking import Asker
from contracts.gameplay import GrantHeld, GrantsQuery, PremiumHeld, PremiumQuery
from contracts.message import A, Query

PAGE: Final = 500
ANSWER_SECONDS_MAX: Final = 10.0


class GameplayBooks:
    """Asks gameplay. Every method raises QueryError when there is no answer, and may be tried again at any time."""

    def __init__(self, asker: Asker) -> None:
        """`asker` puts the questions; without an answer there is no book."""
        self._asker = asker

    async def grants(self, ids: Sequence[UUID]) -> dict[UUID, GrantHeld]:
        """Return those of the grants that gameplay holds; at most a thousand at once."""
        answer = await self._ask(GrantsQuery(ids=tuple(ids)))
        return {held.grant_id: held for held in answer.grants}

    async def premium(self, player_ids: Sequence[int]) -> dict[int, PremiumHeld]:
        """Return the premium of those of the players of whom gameplay has heard; at most a thousand at once."""
        answer = await self._ask(PremiumQuery(player_ids=tuple(player_ids)))
        return {held.player_id: held for held in answer.players}

    async def all_grants(self, since: datetime | None = None) -> AsyncIterator[list[UUID]]:
        """Yield the ids of all grants, or of those written down since then, page by page."""
        after: UUID | None = None
        while True:
            answer = await self._ask(GrantsQuery(after=after, since=since, limit=PAGE))
            ids = [held.grant_id for held in answer.grants]
            if ids:
                yield ids
            if len(ids) < PAGE:
                return
            after = ids[-1]

    async def all_premium(self) -> AsyncIterator[list[int]]:
        """Yield the ids of all players of whose premium gameplay has heard, page by page."""
        after = 0
        while True:
            answer = await self._ask(PremiumQuery(after=after, limit=PAGE))
            ids = [held.player_id for held in answer.players]
            if ids:
                yield ids
            if len(ids) < PAGE:
                return
            after = ids[-1]

    async def _ask(self, question: Query[A]) -> A:
        return await self._asker.query(question, timeout_seconds=ANSWER_SECONDS_MAX)
