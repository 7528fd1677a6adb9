"""Premium that a code gave and whose word to payments was lost: payments is asked, and told again (DOMAIN §7)."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from redeeming_stage import Stage

from actors.asking import QueryError
from contracts.payments import GrantPremium
from promo.domain.comparison import IN_FLIGHT
from promo.handlers.grants import compare_grants
from promo.providers.payments_books import PaymentsBooks
from promo.store.comparison import SQL

pytestmark = pytest.mark.services("promo")


class Ledger:
    """What payments answers."""

    def __init__(self) -> None:
        self.has: set[UUID] = set()
        self.asked: list[UUID] = []
        self.is_away = False

    async def booked(self, grants: Sequence[UUID]) -> frozenset[UUID]:
        if self.is_away:
            raise QueryError("query.payments.booked_grants: NoRespondersError within 10.0 s")
        self.asked += grants
        return frozenset(self.has & set(grants))


@pytest.fixture
async def ledger(stage: Stage, tmp_path: Path) -> Ledger:
    """Payments, and two players who redeemed a code just now."""
    ledger = stage.resources[PaymentsBooks] = Ledger()
    await stage.codes(tmp_path, await stage.campaign(), "SOMMER26")
    for player in (7, 8):
        assert await stage.redeem(player, "SOMMER26") is None
    return ledger


def _ids(grants: Sequence[GrantPremium]) -> list[UUID | None]:
    return [grant.grant_id for grant in grants]


async def test_what_payments_has_never_heard_of_is_told_again_in_the_same_words(stage: Stage, ledger: Ledger) -> None:
    first, second = stage.granted()
    ledger.has = {first.grant_id} if first.grant_id else set()
    stage.clock.advance(seconds=IN_FLIGHT.total_seconds() + 1)
    await stage.run(compare_grants.due())
    assert stage.granted() == [first, second, second]


async def test_what_may_be_on_its_way_is_not_told_again(stage: Stage, ledger: Ledger) -> None:
    stage.clock.advance(seconds=IN_FLIGHT.total_seconds())
    await stage.run(compare_grants.due())
    assert (ledger.asked, len(stage.granted())) == ([], 2)
    stage.wait(minutes=15)
    await stage.run(compare_grants.due())
    assert len(ledger.asked) == 2


async def test_while_payments_is_away_nothing_is_passed_over(stage: Stage, ledger: Ledger) -> None:
    ledger.is_away = True
    stage.wait(hours=1)
    await stage.run(compare_grants.due())
    stage.wait(hours=20)
    ledger.is_away = False
    await stage.run(compare_grants.due())
    assert len(ledger.asked) == 2
    stage.wait(hours=1)
    await stage.run(compare_grants.due())
    assert len(ledger.asked) == 2  # looked at and done with


async def test_all_pages_are_compared_by_an_index(stage: Stage, ledger: Ledger) -> None:
    async with stage.pool.acquire() as connection:
        sql = """insert into redemptions (id, player_id, code_id, batch_id, campaign, state, made_at, changed_at)
            select gen_random_uuid(), n, code_id, batch_id, campaign, state, made_at, changed_at
            from redemptions, generate_series(100, 1300) as n where player_id = 7"""
        await connection.execute(sql)
        await connection.execute("set enable_seqscan = off")
        since, until = stage.clock.now() - timedelta(1), stage.clock.now() + timedelta(1)
        plan = await connection.fetch(f"explain {SQL['granted']}", since, until, since, UUID(int=0), 500)
        await connection.execute("reset enable_seqscan")
    assert "grants_by_time" in str(plan)
    stage.wait(hours=1)
    await stage.run(compare_grants.due())
    assert len(set(ledger.asked)) == 1203
    assert len(set(_ids(stage.granted()))) == 1203
