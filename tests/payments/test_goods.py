"""Comparisons of goods on real Postgres, with gameplay's books in memory (DOMAIN §6)."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from goods_stage import Both
from till import ACTOR, NOON, World

from contracts.gameplay import (
    GoodsView,
    GrantTakenBack,
    PremiumHeld,
)
from contracts.payments import (
    CompareGoods,
    EntitlementGranted,
    EntitlementRevoked,
    GoodsSettlement,
    PremiumChanged,
    Product,
    ReconciliationDiffDetected,
    SettleGoods,
    TellPremium,
)
from payments.domain.goods import GoodsDiffKind as K
from payments.handlers import goods
from payments.handlers.goods import compare_changes, compare_everything
from payments.handlers.recovery import forget_old
from payments.store.goods import GoodsRun

pytestmark = pytest.mark.services("payments")

DUES = [compare_changes.due(), compare_everything.due()]


@pytest.fixture
def both(pool: "asyncpg.Pool[asyncpg.Record]") -> Both:
    return Both(pool)


@pytest.fixture
async def busy(both: Both) -> Both:
    """Half an hour ago: goods, premium, and goods that were refunded; gameplay heard of all of it."""
    both.clock.set(NOON - timedelta(minutes=30))
    await both.sale(1)
    await both.sale(2, player_id=8, product=Product.PREMIUM_MONTH)
    await both.refund(await both.sale(3, player_id=9, product=Product.MEGA_PACK_15))
    both.deliver()
    both.clock.set(NOON)
    return both


def found(run: GoodsRun) -> list[K]:
    return [diff.kind for diff in run.diffs]


@pytest.mark.parametrize("due", DUES)
async def test_books_that_agree_are_even_and_nobody_is_told(busy: Both, due: Any):
    run = await busy.compare(due)
    assert (run.full, run.diff_count, run.repaired, run.unanswered) == (due == DUES[1], 0, 0, "")
    # Three purchases and a player; the purchase of premium is looked at and is none of goods.
    assert run.looked_at == 4
    assert busy.told(ReconciliationDiffDetected) == []


@pytest.mark.parametrize("due", DUES)
async def test_lost_goods_are_seen_told_again_and_given_once(busy: Both, due: Any):
    lost = [await busy.sale(number, player_id=7) for number in (4, 5)]
    busy.lose()
    busy.wait(minutes=6)
    run = await busy.compare(due)
    assert (found(run), run.repaired) == ([K.NOT_GIVEN, K.NOT_GIVEN], 2)
    assert all("told again" in line and "player 7" in line for line in run.repairs)
    (alarm,) = busy.told(ReconciliationDiffDetected)
    assert (alarm.book, alarm.provider, alarm.diff_count, alarm.full) == ("goods", None, 2, run.full)
    busy.deliver()
    again = await busy.compare(due)
    assert (again.diff_count, again.repaired) == (0, 0)
    first, told = busy.told(EntitlementGranted)[-4:-2], busy.told(EntitlementGranted)[-2:]
    assert sorted(first, key=lambda one: one.grant_id) == sorted(told, key=lambda one: one.grant_id)
    assert {one.grant_id for one in told} == {one.purchase_id for one in lost}


@pytest.mark.parametrize("due", DUES)
async def test_a_lost_revocation_is_told_again(busy: Both, due: Any):
    sold = await busy.purchase(UUID(int=1 << 80 | 7))
    await busy.refund(sold)
    busy.lose()
    busy.wait(minutes=6)
    assert found(await busy.compare(due)) == [K.NOT_TAKEN_BACK]
    busy.deliver()
    assert busy.gameplay.held[sold.purchase_id].revoked_at is not None
    assert (await busy.compare(due)).diff_count == 0


@pytest.mark.parametrize("due", DUES)
async def test_lost_premium_is_told_again_as_it_stands(busy: Both, due: Any):
    await busy.sale(4, player_id=10, product=Product.PREMIUM_MONTH)
    await busy.refund(await busy.purchase(UUID(int=2 << 80 | 7)))
    busy.lose()
    busy.wait(minutes=6)
    run = await busy.compare(due)
    assert (found(run), run.repaired) == ([K.PREMIUM_BEHIND, K.PREMIUM_BEHIND], 2)
    told = {one.player_id: one for one in busy.told(PremiumChanged)[-2:]}
    assert {player: one.revision for player, one in told.items()} == {8: 2, 10: 1}
    # The same event: it says when premium changed, not when it was told.
    assert {one.changed_at for one in told.values()} == {NOON}
    busy.deliver()
    assert (await busy.compare(due)).diff_count == 0


@pytest.mark.parametrize("due", DUES)
async def test_what_was_spent_of_a_grant_is_learnt_though_its_word_was_lost(busy: Both, due: Any):
    pack = UUID(int=3 << 80 | 7)
    busy.gameplay.change(pack, taken=GoodsView(paid_energy=11, mode_hours=24))
    run = await busy.compare(due)
    assert (found(run), run.repaired) == ([K.DEBT_NOT_BOOKED], 1)
    assert await _debt(busy, 9) == {"PAID_ENERGY": 4}
    assert (await busy.compare(due)).diff_count == 0
    # The word comes after all: the debt is booked already.
    await busy.send(GrantTakenBack(player_id=9, grant_id=pack, paid_energy=11, missing_paid_energy=4, at=NOON))
    assert await _debt(busy, 9) == {"PAID_ENERGY": 4}


@pytest.mark.parametrize("due", DUES)
async def test_what_payments_never_granted_stays_until_a_person_decides(busy: Both, due: Any):
    forged = EntitlementGranted(player_id=7, grant_id=uuid4(), paid_energy=500, reason="ENERGY_10", granted_at=NOON)
    busy.gameplay.hear(forged, busy.now)
    busy.gameplay.known[7] = PremiumHeld(player_id=7, revision=4, terms=())
    busy.wait(minutes=6)
    run = await busy.compare(due)
    expected = [K.NEVER_GRANTED, K.PREMIUM_AHEAD] if run.full else [K.NEVER_GRANTED]
    assert (found(run), run.repaired) == (expected, 0)
    assert busy.told(EntitlementRevoked) == busy.told(EntitlementRevoked)[:1]  # the refund's alone
    await busy.send(
        SettleGoods(player_id=7, grant_id=forged.grant_id, kind=GoodsSettlement.TAKE_BACK, note="mira: nobody sold it")
    )
    await busy.send(TellPremium(player_id=7, above=4))
    assert busy.told(PremiumChanged)[-1].revision == 5
    busy.deliver()
    busy.wait(minutes=6)
    assert (await busy.compare(due)).diff_count == 0


async def test_a_grant_that_a_person_has_looked_at_is_compared_no_more(busy: Both):
    busy.gameplay.change(UUID(int=1 << 80 | 7), given=GoodsView(paid_energy=3))
    assert found(await busy.compare(compare_everything.due())) == [K.OTHER_GOODS]
    wish = SettleGoods(
        player_id=7, grant_id=UUID(int=1 << 80 | 7), kind=GoodsSettlement.ACKNOWLEDGED, note="mira: by hand"
    )
    await busy.send(wish, wish)
    assert (await busy.compare(compare_everything.due())).diff_count == 0
    assert await busy.value("select note from goods_acknowledged") == "mira: by hand"


async def test_what_was_sold_is_not_taken_back_without_the_money(busy: Both):
    revoked = len(busy.told(EntitlementRevoked))
    wish = SettleGoods(player_id=7, grant_id=UUID(int=1 << 80 | 7), kind=GoodsSettlement.TAKE_BACK, note="mira: no")
    await busy.send(wish)
    assert len(busy.told(EntitlementRevoked)) == revoked


async def test_what_may_be_credited_yet_is_not_taken_back(busy: Both):
    """Our database was restored: gameplay holds what we do not know to be paid. The list tells, and it is credited."""
    bought = await busy.invoice(50)
    revoked = len(busy.told(EntitlementRevoked))
    wish = SettleGoods(player_id=7, grant_id=bought.purchase_id, kind=GoodsSettlement.TAKE_BACK, note="mira: no")
    await busy.send(wish)
    assert len(busy.told(EntitlementRevoked)) == revoked


async def test_a_gameplay_restored_from_yesterday_is_brought_to_today(busy: Both):
    yesterday = (dict(busy.gameplay.held), dict(busy.gameplay.known))
    await busy.sale(4, player_id=7, product=Product.MEGA_PACK_15)
    await busy.sale(5, player_id=7, product=Product.PREMIUM_MONTH)
    await busy.refund(await busy.purchase(UUID(int=1 << 80 | 7)))
    busy.deliver()
    today = (dict(busy.gameplay.held), dict(busy.gameplay.known))
    busy.gameplay.held, busy.gameplay.known = yesterday
    busy.wait(minutes=6)
    run = await busy.compare(compare_everything.due())
    assert sorted(found(run)) == [K.NOT_GIVEN, K.NOT_TAKEN_BACK, K.PREMIUM_BEHIND]
    busy.deliver()
    assert set(busy.gameplay.held) == set(today[0])
    assert {one: held.revoked_at for one, held in busy.gameplay.held.items()} == {
        one: held.revoked_at for one, held in today[0].items()
    }
    assert busy.gameplay.known == today[1]
    assert (await busy.compare(compare_everything.due())).diff_count == 0


@pytest.mark.parametrize("due", DUES)
async def test_what_is_on_its_way_is_no_diff(busy: Both, due: Any):
    await busy.sale(4)
    await busy.sale(5, player_id=10, product=Product.PREMIUM_MONTH)
    busy.wait(minutes=4)
    assert (await busy.compare(due)).diff_count == 0


async def test_what_arrives_between_two_looks_is_no_diff(busy: Both, monkeypatch: pytest.MonkeyPatch):
    await busy.sale(4)
    busy.wait(minutes=6)

    async def meanwhile(seconds: float) -> None:
        busy.deliver()

    monkeypatch.setattr(goods.asyncio, "sleep", meanwhile)
    run = await busy.compare(compare_changes.due())
    assert (run.diff_count, run.repaired) == (0, 0)


async def test_a_run_that_is_repeated_tells_once(busy: Both):
    await busy.sale(4)
    busy.lose()
    busy.wait(minutes=6)
    due = compare_changes.due(run_id=uuid4())
    told = len(busy.told(EntitlementGranted))
    await busy.run(due)
    asked = busy.gameplay.asked
    await busy.run(due)
    assert busy.gameplay.asked == asked
    # Cut off before its end, and fired again.
    await busy.execute("update goods_runs set finished_at = null")
    await busy.execute("delete from inbox where id like 'goods_compared%'")
    await busy.run(due)
    assert len(busy.told(EntitlementGranted)) == told + 1


async def test_an_operator_s_run_is_ordered_for_now(both: Both):
    from actors.testing import decide

    decision = await decide(ACTOR, CompareGoods(scope="full"), now=NOON)
    (timer,) = decision.timers
    assert timer.message == compare_everything.due(run_id=decision.replies[0].run_id)
    assert timer.when == NOON + timedelta(seconds=1)


async def test_runs_without_a_diff_are_forgotten_after_thirty_days(busy: Both):
    await busy.compare(compare_changes.due())
    await busy.sale(4)
    busy.lose()
    busy.wait(minutes=6)
    await busy.compare(compare_changes.due())
    busy.wait(days=31)
    await busy.run(forget_old.due())
    assert await busy.value("select array_agg(diff_count) from goods_runs") == [1]


async def _debt(world: World, player_id: int) -> dict[str, int]:
    sql = "select asset, balance from ledger_balances where account = $1"
    async with world.pool.acquire() as connection:
        return {row[0]: row[1] for row in await connection.fetch(sql, f"debt:{player_id}")}
