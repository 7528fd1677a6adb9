"""Premium that promo gives for a redemption: once, whatever carries the word and however often (DOMAIN §7)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from shelf import NOON

from actors.endpoints import Endpoint
from contracts.payments import BookedGrantsQuery, GrantPremium
from payments.handlers.premium import query_booked_grants

pytestmark = pytest.mark.services("payments")

REDEMPTION = UUID(int=77)
WEEK = GrantPremium(player_id=7, days=7, rank=1, reason="promo campaign spring", grant_id=REDEMPTION)


async def _given(pool: "asyncpg.Pool[asyncpg.Record]") -> tuple[int, int]:
    """Return how many grants the ledger has, and how many days."""
    async with pool.acquire() as connection:
        grants = await connection.fetchval("select count(*) from ledger_transactions where kind = 'GRANT'")
        days = await connection.fetchval("select balance from ledger_balances where account = 'player:7'")
    return grants, days


async def test_a_redemption_gives_once_in_one_turn_and_in_the_next(service: Any, pool: Any) -> None:
    await service.take(WEEK, WEEK)
    await service.take(WEEK)
    assert await _given(pool) == (1, 7)


async def test_a_redemption_gives_once_also_when_its_premium_is_over(service: Any, pool: Any) -> None:
    await service.take(WEEK)
    service.clock.set(NOON + timedelta(days=60))
    await service.take(WEEK)
    assert await _given(pool) == (1, 7)


async def test_promo_is_told_which_grants_were_given(service: Any, pool: Any) -> None:
    await service.take(WEEK)
    endpoint = Endpoint(clock=service.clock, acquire=pool.acquire, resources={})
    question = BookedGrantsQuery(grant_ids=(REDEMPTION, UUID(int=78)))
    assert (await query_booked_grants(question, endpoint)).booked == (REDEMPTION,)


async def test_another_redemption_gives_again(service: Any, pool: Any) -> None:
    other = GrantPremium(player_id=7, days=7, rank=1, reason="promo campaign spring", grant_id=UUID(int=78))
    await service.take(WEEK, other)
    assert await _given(pool) == (2, 14)
