"""Goods without a payment, and grants taken back (DOMAIN §6, §9): booked once, and compared like what was sold."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from goods_stage import Both
from till import NOON

from actors.endpoints import Endpoint
from contracts.gameplay import GrantTakenBack
from contracts.payments import (
    BookedGrantsQuery,
    EntitlementGranted,
    EntitlementRevoked,
    GrantGoods,
    GrantPremium,
    PremiumChanged,
    RevokeGrant,
)
from payments.domain.goods import GoodsDiffKind as K
from payments.handlers.goods import compare_changes, compare_everything
from payments.handlers.premium import query_booked_grants

pytestmark = pytest.mark.services("payments")

GIFT, WEEK = UUID(int=77), UUID(int=78)
MEGA = GrantGoods(
    player_id=7, grant_id=GIFT, paid_energy=15, mode_hours=24, source="REFERRAL", reason="referral reward"
)
STARTER = GrantPremium(player_id=7, days=7, rank=1, source="REFERRAL", reason="referral reward", grant_id=WEEK)
BACK = RevokeGrant(player_id=7, grant_id=GIFT, reason="not earned")
DUES = [compare_changes.due(), compare_everything.due()]


@pytest.fixture
def both(pool: "asyncpg.Pool[asyncpg.Record]") -> Both:
    made = Both(pool)
    made.clock.set(NOON - timedelta(minutes=30))
    return made


async def balances(both: Both) -> dict[tuple[str, str], int]:
    """Return what every account has that is not even."""
    rows = await both.pool.fetch("select account, asset, balance from ledger_balances where balance <> 0")
    return {(row[0], row[1]): row[2] for row in rows}


async def test_goods_are_given_once_by_their_id(both: Both):
    await both.send(MEGA)
    await both.send(MEGA)
    (event,) = both.told(EntitlementGranted)
    assert (event.grant_id, event.paid_energy, event.mode_hours) == (GIFT, 15, 24)
    assert await balances(both) == {
        ("player:7", "PAID_ENERGY"): 15,
        ("house:REFERRAL", "PAID_ENERGY"): -15,
        ("player:7", "MODE_HOURS"): 24,
        ("house:REFERRAL", "MODE_HOURS"): -24,
    }


async def test_goods_are_taken_back_once_to_the_account_that_gave_them(both: Both):
    await both.send(MEGA)
    await both.send(BACK)
    await both.send(BACK)
    (event,) = both.told(EntitlementRevoked)
    assert (event.grant_id, event.paid_energy, event.mode_hours) == (GIFT, 15, 24)
    assert await balances(both) == {}


async def test_premium_that_was_given_is_taken_back_once(both: Both):
    await both.send(STARTER)
    await both.send(RevokeGrant(player_id=7, grant_id=WEEK, reason="not earned"))
    await both.send(RevokeGrant(player_id=7, grant_id=WEEK, reason="not earned"))
    given, taken = both.told(PremiumChanged)
    assert given.terms[-1].ends == both.now + timedelta(days=7)
    assert all(term.ends <= both.now for term in taken.terms)
    assert await balances(both) == {}


async def test_what_was_never_given_or_is_anothers_is_not_taken_back(both: Both):
    await both.send(BACK)
    await both.send(MEGA)
    await both.send(RevokeGrant(player_id=8, grant_id=GIFT, reason="not earned"))
    assert both.told(EntitlementRevoked) == []
    assert (await balances(both))["player:7", "PAID_ENERGY"] == 15


async def test_whoever_gave_is_told_what_was_given_and_taken_back(both: Both):
    await both.send(MEGA)
    await both.send(STARTER)
    await both.send(BACK)
    endpoint = Endpoint(clock=both.clock, acquire=both.pool.acquire, resources={})
    answer = await query_booked_grants(BookedGrantsQuery(grant_ids=(GIFT, WEEK, UUID(int=79))), endpoint)
    assert (set(answer.booked), answer.revoked) == ({GIFT, WEEK}, (GIFT,))


@pytest.mark.parametrize("due", DUES)
async def test_books_of_gifts_that_agree_are_even(both: Both, due: Any):
    await both.send(MEGA)
    both.deliver()
    both.clock.set(NOON)
    assert (await both.compare(due)).diff_count == 0
    await both.send(BACK)
    both.deliver()
    both.wait(minutes=6)
    assert (await both.compare(due)).diff_count == 0


@pytest.mark.parametrize("due", DUES)
async def test_a_gift_that_gameplay_never_heard_of_is_told_again(both: Both, due: Any):
    await both.send(MEGA)
    both.lose()
    both.clock.set(NOON)
    run = await both.compare(due)
    assert ([diff.kind for diff in run.diffs], run.repaired) == ([K.NOT_GIVEN], 1)
    both.deliver()
    assert both.gameplay.held[GIFT].given.paid_energy == 15
    await both.send(BACK)
    both.lose()
    both.wait(minutes=6)
    assert [diff.kind for diff in (await both.compare(due)).diffs] == [K.NOT_TAKEN_BACK]
    both.deliver()
    assert (await both.compare(due)).diff_count == 0


async def test_what_was_spent_of_a_gift_is_owed(both: Both):
    await both.send(MEGA)
    await both.send(BACK)
    await both.send(GrantTakenBack(player_id=7, grant_id=GIFT, paid_energy=4, missing_paid_energy=11, at=both.now))
    assert (await balances(both))["debt:7", "PAID_ENERGY"] == 11
