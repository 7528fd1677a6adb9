"""A provider refuses a refund for good (DOMAIN §6): all stays as it was, a person is told and has a way on."""

from typing import Any

import asyncpg
import pytest
from till import ACTOR, NOON, World, reconciled

from actors.testing import asked
from contracts.payments import (
    CreditPurchase,
    EntitlementRevoked,
    Provider,
    PurchaseRefunded,
    PurchaseState,
    RecordPayment,
    RecordRefundFailure,
    RefundOrphan,
    RefundPurchase,
    RefundReason,
    RefusedRefund,
    ResolveReview,
    ReviewRequired,
    SettleRefund,
)
from payments.domain.charge import Charge, ChargeState, Refusal
from payments.domain.purchase import Purchase
from payments.domain.reviews import Reviews
from payments.handlers.reconciliation_job import reconcile_changes, reconcile_everything
from payments.handlers.recovery import recover
from payments.store.reviews import ReviewQueue

pytestmark = pytest.mark.services("payments")

S = PurchaseState


@pytest.fixture
def world(pool: "asyncpg.Pool[asyncpg.Record]") -> World:
    return World(pool)


async def asked_back(world: World, purchase: Purchase) -> None:
    await world.send(
        RefundPurchase(player_id=7, purchase_id=purchase.purchase_id, reason=RefundReason.OPERATOR, note="m")
    )


async def refused(world: World, charge_id: str = "c1", words: str = "CHARGE_NOT_FOUND") -> None:
    """The provider's no to the refund that waits."""
    await world.lose_effects()
    await world.send(RecordRefundFailure(player_id=7, charge_id=charge_id, error=words))


async def orphan(world: World, charge_id: str = "o1") -> None:
    world.stars.take(charge_id, 10, 7, "?", world.now)
    await world.send(
        RecordPayment(
            player_id=7,
            provider=Provider.TELEGRAM,
            charge_id=charge_id,
            payload="?",
            amount=10,
            currency="XTR",
            paid_at=world.now,
        )
    )


async def charged(world: World, charge_id: str = "c1") -> Charge:
    found = await world.recorded(charge_id)
    assert found is not None
    return found


async def waiting(world: World) -> list[tuple[str, str]]:
    """What a person sees: (what, charge id)."""
    async with world.pool.acquire() as connection:
        queue: Reviews = (await ReviewQueue().load(connection, [50]))[50]
    return [(case.what, case.charge_id) for case in queue.cases]


def settled(outcome: RefusedRefund, charge_id: str = "c1", player_id: int = 7) -> SettleRefund:
    return SettleRefund(player_id=player_id, charge_id=charge_id, outcome=outcome, note="seen")


# -- back to where it was -----------------------------------------------------------------------


async def test_what_was_credited_stays_credited_with_its_goods(world: World) -> None:
    sold = await world.sale(1)
    await asked_back(world, sold)
    assert (await world.purchase(sold.purchase_id)).state is S.REFUND_PENDING
    await refused(world)
    kept = await world.purchase(sold.purchase_id)
    assert (kept.state, kept.reason, kept.credited_at) == (S.CREDITED, "", sold.credited_at)
    assert world.told(EntitlementRevoked) == []
    assert ["CHARGE_NOT_FOUND" in told.reason for told in world.told(ReviewRequired)] == [True]
    assert await waiting(world) == [("REFUND_REFUSED", "c1")]
    world.wait(minutes=10)
    assert (await reconciled(world, reconcile_everything.due())).diffs == ()


async def test_what_was_not_credited_is_under_review_and_may_be_credited(world: World) -> None:
    world.lost.add(CreditPurchase)
    paid = await world.sale(1)
    await asked_back(world, paid)
    await refused(world)
    kept = await world.purchase(paid.purchase_id)
    assert (kept.state, kept.reason) == (S.REVIEW, "the provider refuses the refund: CHARGE_NOT_FOUND")
    assert await waiting(world) == [("REVIEW", "c1")]
    await world.send(ResolveReview(player_id=7, purchase_id=paid.purchase_id, note="mira: give it"))
    assert (await world.purchase(paid.purchase_id)).state is S.CREDITED


async def test_an_orphan_is_an_orphan_again(world: World) -> None:
    await orphan(world)
    await world.send(RefundOrphan(player_id=7, charge_id="o1", reason=RefundReason.OPERATOR))
    assert (await charged(world, "o1")).state is ChargeState.REFUND_PENDING
    await refused(world, "o1")
    found = await charged(world, "o1")
    assert (found.state, found.refusal) == (ChargeState.ORPHAN, Refusal.OPEN)
    assert await waiting(world) == [("ORPHAN", "o1")]
    world.wait(minutes=10)
    assert (await reconciled(world, reconcile_everything.due())).diffs == ()


async def test_a_refusal_told_twice_is_told_of_once(world: World) -> None:
    sold = await world.sale(1)
    await asked_back(world, sold)
    await refused(world)
    await refused(world)
    assert len(world.told(ReviewRequired)) == 1
    await refused(world, words="USER_ID_INVALID")
    assert len(world.told(ReviewRequired)) == 2


async def test_a_refusal_that_comes_after_the_money_is_back_changes_nothing(world: World) -> None:
    sold = await world.sale(1)
    await asked_back(world, sold)
    await world.perform(lambda charge_id: world.stars.give_back(charge_id, world.now))
    await refused(world)
    assert (await world.purchase(sold.purchase_id)).state is S.REFUNDED
    assert ((await charged(world)).refusal, world.told(ReviewRequired)) == (Refusal.NONE, [])


# -- and on from there --------------------------------------------------------------------------


async def test_a_person_asks_once_more_and_it_goes_back(world: World) -> None:
    sold = await world.sale(1)
    await orphan(world)
    await asked_back(world, sold)
    again = RefundOrphan(player_id=7, charge_id="o1", reason=RefundReason.OPERATOR)
    await world.send(again)
    await refused(world)
    await refused(world, "o1")
    await asked_back(world, sold)
    await world.send(again)
    assert sorted(await waiting(world)) == [("REFUND_PENDING", "c1"), ("REFUND_PENDING", "o1")]
    await world.perform(lambda charge_id: world.stars.give_back(charge_id, world.now))
    assert (await world.purchase(sold.purchase_id)).state is S.REFUNDED
    assert ((await charged(world, "o1")).state, await waiting(world)) == (ChargeState.REFUNDED, [])
    world.wait(minutes=10)
    assert (await reconciled(world, reconcile_everything.due())).diffs == ()


async def test_a_repeated_wish_that_is_refused_again_is_told_of_again(world: World) -> None:
    sold = await world.sale(1)
    for count in (1, 2):
        await asked_back(world, sold)
        await refused(world)
        assert (await world.purchase(sold.purchase_id)).state is S.CREDITED
        assert len(world.told(ReviewRequired)) == count


@pytest.mark.parametrize("due", [reconcile_changes.due(), reconcile_everything.due()])
async def test_a_refund_that_took_effect_after_all_is_found_in_the_list(world: World, due: Any) -> None:
    """The provider took it, our tries were used up on its answer."""
    sold = await world.sale(1)
    await orphan(world)
    await asked_back(world, sold)
    await world.send(RefundOrphan(player_id=7, charge_id="o1", reason=RefundReason.OPERATOR))
    for charge_id in ("c1", "o1"):
        world.stars.give_back(charge_id, world.now)
        await refused(world, charge_id, "after 10 tries: TypeError")
    world.wait(minutes=3)
    run = await reconciled(world, due)
    assert (run.repaired, run.diffs) == (2, ())
    assert (await world.purchase(sold.purchase_id)).state is S.REFUNDED
    assert [(await charged(world, name)).refusal for name in ("c1", "o1")] == [Refusal.NONE] * 2
    assert len(world.told(PurchaseRefunded)) == 1


@pytest.mark.parametrize("charge_id", ["c1", "o1"])
async def test_given_back_by_hand_it_is_refunded_and_no_diff(world: World, charge_id: str) -> None:
    sold = await world.sale(1)
    await orphan(world)
    await asked_back(world, sold)
    await world.send(RefundOrphan(player_id=7, charge_id="o1", reason=RefundReason.OPERATOR))
    for name in ("c1", "o1"):
        await refused(world, name)
    await world.send(settled(RefusedRefund.RETURNED, charge_id))
    back = await charged(world, charge_id)
    assert (back.state, back.refusal, back.refunded_at) == (ChargeState.REFUNDED, Refusal.NONE, NOON)
    assert len(world.told(EntitlementRevoked)) == (1 if charge_id == "c1" else 0)
    assert len(await waiting(world)) == 1
    world.wait(minutes=10)
    for due in (reconcile_changes.due(), reconcile_everything.due()):
        assert (await reconciled(world, due)).diffs == ()


@pytest.mark.parametrize("charge_id", ["c1", "o1"])
async def test_left_as_it_is_nobody_asks_for_it_any_more(world: World, charge_id: str) -> None:
    sold = await world.sale(1)
    await orphan(world)
    await asked_back(world, sold)
    await world.send(RefundOrphan(player_id=7, charge_id="o1", reason=RefundReason.OPERATOR))
    for name in ("c1", "o1"):
        await refused(world, name)
    await world.send(settled(RefusedRefund.KEPT, charge_id))
    assert charge_id not in {named for _, named in await waiting(world)}
    world.wait(days=2)
    asked = len(world.effects)
    await world.run(recover.due())
    assert len(world.effects) == asked
    assert (await reconciled(world, reconcile_everything.due())).diffs == ()
    await world.send(RefundOrphan(player_id=7, charge_id="o1", reason=RefundReason.OPERATOR))
    assert len(world.effects) == asked + 1, "a person still may"


async def test_what_nobody_refused_is_not_settled_by_hand(world: World) -> None:
    sold = await world.sale(1)
    for wish in (settled(RefusedRefund.RETURNED), settled(RefusedRefund.KEPT, "nobody")):
        await world.send(wish)
    await asked_back(world, sold)
    await refused(world)
    await world.send(settled(RefusedRefund.RETURNED, player_id=8))
    await asked_back(world, sold)
    await world.send(settled(RefusedRefund.RETURNED))
    assert (await charged(world)).state is ChargeState.TAKEN
    assert (await world.purchase(sold.purchase_id)).state is S.REFUND_PENDING
    assert await world.value("select count(*) from provider_transactions") == 0


def test_an_outcome_that_nobody_knows_is_refused_by_name() -> None:
    said: dict[str, Any] = {"player_id": 7, "charge_id": "c1", "note": "seen"}
    assert asked(ACTOR, "refund", "settle", outcome="KEPT", **said)[1] == settled(RefusedRefund.KEPT)
    with pytest.raises(ValueError, match="outcome: there is no 'LOST'; use one of RETURNED, KEPT"):
        asked(ACTOR, "refund", "settle", outcome="LOST", **said)


# -- what a provider's answer means --------------------------------------------------------------
