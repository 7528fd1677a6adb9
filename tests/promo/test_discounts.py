"""Discounts in real turns: reserved, bound, held, applied, late, expired, revoked (DOMAIN §7)."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from promo_words import ONE, OTHER, credited, invoice, passed, refunded, run_out
from redeeming_stage import PEPPERS, Stage

from contracts.payments import (
    DiscountReleased,
    HoldDiscount,
    Product,
    PurchaseFailed,
    ReleaseDiscount,
)
from contracts.promo import (
    CampaignScope,
    CampaignType,
    CodeRefused,
    DiscountAppliedLate,
    DiscountReserved,
    DiscountRevoked,
    ExpireReservation,
    RedeemCode,
    RedeemRefusal,
)
from promo.handlers.discounts import expire_reservations

pytestmark = pytest.mark.services("promo")


@pytest.fixture
async def discounts(stage: Stage, tmp_path: Path) -> Stage:
    """A code for 20 % off, two uses."""
    campaign = await stage.campaign(
        type=CampaignType.PERCENT_DISCOUNT, percent=20, premium_days=0, uses_max=2, scope=CampaignScope.PREMIUM_ANY
    )
    await stage.codes(tmp_path, campaign, "SOMMER26")
    return stage


async def _reserved(stage: Stage, player_id: int = 7) -> DiscountReserved:
    (told,) = await stage.redeem_all([(player_id, "SOMMER26")])
    assert isinstance(told, DiscountReserved)
    return told


async def _books(stage: Stage) -> tuple[int, int, int]:
    view = await stage.view()
    return view.used, view.reserved, view.overrun


async def test_a_discount_is_held_at_payments_and_told_again_while_it_is(discounts: Stage) -> None:
    told = await _reserved(discounts)
    (held,) = [one for one in discounts.said if isinstance(one, HoldDiscount)]
    assert (held.redemption_id, held.percent, held.reserved_until) == (told.redemption_id, 20, told.reserved_until)
    assert held.products == told.products
    assert (len(held.products), told.again) == (4, False)
    again = await _reserved(discounts)
    assert (again.again, again.redemption_id) == (True, told.redemption_id)
    assert await _books(discounts) == (0, 1, 0)


async def test_paid_it_is_applied_once_and_refunded_revoked_and_stays_used(discounts: Stage) -> None:
    told = await _reserved(discounts)
    await discounts.take(invoice(told.redemption_id))
    await discounts.take(passed(told.redemption_id))
    await discounts.take(credited(told.redemption_id), credited(told.redemption_id))
    assert await _books(discounts) == (1, 0, 0)
    await discounts.take(refunded(told.redemption_id, OTHER))  # its own purchase alone takes it back
    assert [one for one in discounts.said if isinstance(one, DiscountRevoked)] == []
    await discounts.take(refunded(told.redemption_id))
    await discounts.take(refunded(told.redemption_id))
    assert len([one for one in discounts.said if isinstance(one, DiscountRevoked)]) == 1
    assert await _books(discounts) == (1, 0, 0)
    assert await discounts.redeem(7, "SOMMER26") is RedeemRefusal.ALREADY_USED


async def test_a_refund_that_is_heard_before_its_credit_leaves_one_use(discounts: Stage) -> None:
    told = await _reserved(discounts)
    await discounts.take(refunded(told.redemption_id))
    await discounts.take(credited(told.redemption_id))
    assert await _books(discounts) == (1, 0, 0)


async def test_unused_it_expires_and_may_be_had_again(discounts: Stage) -> None:
    told = await _reserved(discounts)
    discounts.wait(minutes=14, seconds=59)
    assert await run_out(discounts) == []
    discounts.wait(seconds=1)
    assert await run_out(discounts) == [told.redemption_id]
    assert await _books(discounts) == (0, 0, 0)
    assert (await _reserved(discounts)).redemption_id != told.redemption_id


async def test_until_payments_has_let_go_it_is_reserved_and_payments_is_asked_again(discounts: Stage) -> None:
    told = await _reserved(discounts)
    discounts.wait(minutes=16)
    for _ in range(2):
        await discounts.run(expire_reservations.due())
        discounts.wait(minutes=1)
    asked = [one.redemption_id for one in discounts.said if isinstance(one, ReleaseDiscount)]
    assert asked == [told.redemption_id, told.redemption_id]
    assert await _books(discounts) == (0, 1, 0)
    (refused,) = await discounts.redeem_all([(7, "SOMMER26")])
    assert (refused.reason, refused.tries_left) == (RedeemRefusal.ALREADY_USED, None)
    assert refused.until == discounts.clock.now() + timedelta(minutes=2)


async def test_while_it_is_being_paid_it_does_not_expire(discounts: Stage) -> None:
    told = await _reserved(discounts)
    await discounts.take(invoice(told.redemption_id))
    await discounts.take(passed(told.redemption_id))
    discounts.wait(hours=1, minutes=59)
    assert await run_out(discounts) == []
    failed = PurchaseFailed(
        player_id=7, purchase_id=ONE, product=Product.PREMIUM_MONTH, reason="lapsed", redemption_id=told.redemption_id
    )
    await discounts.take(failed)
    await run_out(discounts)
    assert await _books(discounts) == (0, 0, 0)


async def test_payments_is_asked_for_what_is_at_the_till_for_two_hours(discounts: Stage) -> None:
    """Word of the purchase's end was lost, or overtaken by an older one."""
    told = await _reserved(discounts)
    await discounts.take(passed(told.redemption_id))
    discounts.wait(hours=2)
    assert await run_out(discounts) == [told.redemption_id]


async def test_an_expiry_looks_again(discounts: Stage) -> None:
    told = await _reserved(discounts)
    discounts.wait(minutes=16)
    await discounts.take(invoice(told.redemption_id))
    await discounts.take(ExpireReservation(player_id=7, redemption_id=told.redemption_id))
    assert [one for one in discounts.said if isinstance(one, ReleaseDiscount)] == []


async def test_late_money_is_honoured_and_counted_as_overrun(discounts: Stage) -> None:
    told = await _reserved(discounts)
    discounts.wait(minutes=16)
    await run_out(discounts)
    for player in (8, 9):
        await _reserved(discounts, player)
    await discounts.take(credited(told.redemption_id))
    assert await _books(discounts) == (1, 2, 1)
    (late,) = [one for one in discounts.said if isinstance(one, DiscountAppliedLate)]
    assert (late.purchase_id, late.overrun, late.used, late.uses_max) == (ONE, 1, 1, 2)


async def test_late_money_takes_the_place_of_the_players_second_reservation(discounts: Stage) -> None:
    told = await _reserved(discounts)
    discounts.wait(minutes=16)
    await run_out(discounts)
    second = await _reserved(discounts)
    await discounts.take(credited(told.redemption_id))
    asked = [one for one in discounts.said if isinstance(one, ReleaseDiscount)][-1]
    assert (asked.redemption_id, asked.before_its_time) == (second.redemption_id, True)
    await discounts.take(DiscountReleased(player_id=7, redemption_id=second.redemption_id))
    assert await _books(discounts) == (1, 0, 1)
    assert await discounts.redeem(7, "SOMMER26") is RedeemRefusal.ALREADY_USED


async def test_the_first_purchase_ends_what_else_was_reserved_for_one(discounts: Stage, tmp_path: Path) -> None:
    """Who collects codes for a first purchase has one."""
    told = await _reserved(discounts)
    terms: dict[str, Any] = {"type": CampaignType.PERCENT_DISCOUNT, "percent": 50, "premium_days": 0}
    for name, code in (("first", "ERSTER26"), ("second", "ZWEITER26")):
        campaign = await discounts.campaign(name, first_purchase_only=True, **terms)
        await discounts.codes(tmp_path, campaign, code)
        assert await discounts.redeem(7, code) is None
    first = next(one for one in discounts.said if isinstance(one, DiscountReserved) and one.campaign == "first")
    second = next(one for one in discounts.said if isinstance(one, DiscountReserved) and one.campaign == "second")
    await discounts.take(credited(first.redemption_id))
    asked = [one for one in discounts.said if isinstance(one, ReleaseDiscount)]
    assert [(one.redemption_id, one.before_its_time) for one in asked] == [(second.redemption_id, True)]
    assert await _books(discounts) == (0, 1, 0)
    assert (await _reserved(discounts)).redemption_id == told.redemption_id


async def test_late_money_is_told_also_when_its_refund_is_heard_first(discounts: Stage) -> None:
    told = await _reserved(discounts)
    discounts.wait(minutes=16)
    await run_out(discounts)
    await discounts.take(refunded(told.redemption_id))
    assert [one.overrun for one in discounts.said if isinstance(one, DiscountAppliedLate)] == [1]
    assert len([one for one in discounts.said if isinstance(one, DiscountRevoked)]) == 1


async def test_a_code_typed_in_the_turn_that_hears_of_its_payment_is_used_already(discounts: Stage) -> None:
    told = await _reserved(discounts)
    again = RedeemCode(player_id=7, fingerprints=PEPPERS.fingerprints("SOMMER26"))
    await discounts.take(credited(told.redemption_id), again)
    assert [one.reason for one in discounts.said if isinstance(one, CodeRefused)] == [RedeemRefusal.ALREADY_USED]


async def test_a_reservation_holds_a_use_also_under_load(discounts: Stage) -> None:
    crowds = [[(player, "SOMMER26") for player in range(start, start + 20)] for start in range(1, 101, 20)]
    told: list[Any] = [one for crowd in await asyncio.gather(*map(discounts.redeem_all, crowds)) for one in crowd]
    assert sum(isinstance(one, DiscountReserved) for one in told) == 2
    assert {one.reason for one in told if isinstance(one, CodeRefused)} == {RedeemRefusal.DEPLETED}
    assert await _books(discounts) == (0, 2, 0)


async def test_an_expiry_and_a_payment_at_once_are_never_both(discounts: Stage) -> None:
    told = await _reserved(discounts)
    discounts.wait(minutes=16)
    released = DiscountReleased(player_id=7, redemption_id=told.redemption_id)
    await asyncio.gather(discounts.take(released), discounts.take(credited(told.redemption_id)))
    used, reserved, overrun = await _books(discounts)
    async with discounts.pool.acquire() as connection:
        state = await connection.fetchval("select state from redemptions")
    assert (used, reserved) == (1, 0)
    assert (state, overrun) in (("APPLIED", 0), ("APPLIED_LATE", 1))
