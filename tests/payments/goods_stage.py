"""Payments on real Postgres beside a gameplay in memory, which hears what payments says unless it is lost."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
from till import World

from actors.asking import QueryError
from contracts.gameplay import GoodsView, GrantHeld, PremiumHeld
from contracts.payments import (
    EntitlementGranted,
    EntitlementRevoked,
    PremiumChanged,
    RefundPurchase,
    RefundReason,
)
from payments.providers.gameplay_books import GameplayBooks
from payments.store.goods import GoodsRun, read_runs


class FakeGameplay(GameplayBooks):
    """Gameplay as it keeps its rules: a grant once by its id, premium by its revision. Spends nothing by itself."""

    def __init__(self) -> None:
        self.held: dict[UUID, GrantHeld] = {}
        self.known: dict[int, PremiumHeld] = {}
        self.is_silent = False
        self.asked = 0

    async def grants(self, ids: Sequence[UUID]) -> dict[UUID, GrantHeld]:
        self._answer()
        return {one: self.held[one] for one in ids if one in self.held}

    async def premium(self, player_ids: Sequence[int]) -> dict[int, PremiumHeld]:
        self._answer()
        return {one: self.known[one] for one in player_ids if one in self.known}

    async def all_grants(self, since: datetime | None = None) -> AsyncIterator[list[UUID]]:
        self._answer()
        yield [
            one
            for one, held in sorted(self.held.items())
            if since is None or (held.changed_at is not None and held.changed_at >= since)
        ]

    async def all_premium(self) -> AsyncIterator[list[int]]:
        self._answer()
        yield sorted(self.known)

    def _answer(self) -> None:
        self.asked += 1
        if self.is_silent:
            raise QueryError("query.gameplay.grants: NoRespondersError")

    def hear(self, event: Any, now: datetime) -> None:
        if isinstance(event, PremiumChanged):
            before = self.known.get(event.player_id)
            if before is None or before.revision < event.revision:
                self.known[event.player_id] = PremiumHeld(
                    player_id=event.player_id, revision=event.revision, terms=event.terms
                )
        elif isinstance(event, EntitlementGranted):
            view = GoodsView(
                paid_energy=event.paid_energy,
                saver_tokens=event.saver_tokens,
                duel_tickets=event.duel_tickets,
                mode_hours=event.mode_hours,
            )
            self.held.setdefault(
                event.grant_id,
                GrantHeld(
                    grant_id=event.grant_id,
                    player_id=event.player_id,
                    heard=view,
                    given=view,
                    taken=GoodsView(),
                    granted_at=event.granted_at,
                    changed_at=now,
                ),
            )
        elif isinstance(event, EntitlementRevoked):
            held = self.held.get(event.grant_id)
            if held is not None and held.revoked_at is None:
                self.change(event.grant_id, revoked_at=event.revoked_at, taken=held.given, changed_at=now)

    def change(self, grant_id: UUID, **changed: Any) -> None:
        self.held[grant_id] = msgspec.structs.replace(self.held[grant_id], **changed)


class Both(World):
    """Payments, and gameplay which hears what payments says unless it is lost."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self.gameplay = FakeGameplay()
        super().__init__(pool)
        self.settings = msgspec.structs.replace(self.settings, goods_pause_seconds=0)
        self._heard = 0

    @property
    def resources(self) -> dict[type, Any]:
        return {**super().resources, GameplayBooks: self.gameplay}

    def deliver(self) -> None:
        """Gameplay hears what was said since it last did."""
        for event in self.said[self._heard :]:
            self.gameplay.hear(event, self.now)
        self._heard = len(self.said)

    def lose(self) -> None:
        """What was said and not heard yet is gone."""
        self._heard = len(self.said)

    async def compare(self, due: Any) -> GoodsRun:
        run_id = uuid4()
        await self.run(msgspec.structs.replace(due, run_id=run_id))
        async with self.pool.acquire() as connection:
            (run,) = await read_runs(connection, run_id, only_diffs=False, limit=1)
        assert run.finished_at == self.now
        return run

    async def refund(self, purchase: Any) -> None:
        wish = RefundPurchase(
            player_id=purchase.player_id, purchase_id=purchase.purchase_id, reason=RefundReason.OPERATOR
        )
        await self.send(wish)
        await self.perform(lambda charge_id: self.stars.give_back(charge_id, self.now))
