"""Payouts in real turns on real Postgres (DOMAIN §9): one open at a time, paid once, refunds before and after."""

import asyncio
from typing import Any

import pytest
from affiliate_stage import PARTNER, AffiliateStage
from referring_stage import Pool

from contracts.payments import GiftState, GiveTelegramPremium, TelegramPremiumGiven, TelegramPremiumNotGiven
from contracts.referrals import (
    AffiliateShown,
    ApprovePayout,
    CancelPayout,
    HoldPartner,
    ListPayouts,
    PayoutAnswer,
    PayoutKind,
    PayoutRefusal,
    PayoutState,
    RequestPayout,
    SettlePayout,
    ShowAffiliate,
)
from referrals.domain.affiliates.ledger import Purse
from referrals.domain.affiliates.payout import Payout

pytestmark = pytest.mark.services("referrals")

S = PayoutState
GIFT = PayoutKind.PREMIUM_GIFT
PAID = Purse(payable=200, paid=1000)


@pytest.fixture
async def stage(pool: Pool) -> AffiliateStage:
    """The partner has 1,200 payable Stars, by a purchase of 4,000."""
    made = AffiliateStage(pool)
    await made.enrol()
    await made.come()
    await made.earn(stars=4_000)
    return made


def approve(payout: Payout, **more: Any) -> ApprovePayout:
    return ApprovePayout(payout_id=payout.payout_id, note="looks well", **more)


def settle(payout: Payout, reference: str = "SEPA 2026-17", **more: Any) -> SettlePayout:
    return SettlePayout(payout_id=payout.payout_id, reference=reference, note="paid", **more)


def given(payout: Payout, stage: AffiliateStage) -> TelegramPremiumGiven:
    return TelegramPremiumGiven(player_id=PARTNER, gift_id=payout.payout_id, months=3, stars=1000, at=stage.clock.now())


def denied(payout: Payout, stage: AffiliateStage) -> TelegramPremiumNotGiven:
    return TelegramPremiumNotGiven(
        player_id=PARTNER, gift_id=payout.payout_id, months=3, reason="BALANCE_TOO_LOW", at=stage.clock.now()
    )


async def current(stage: AffiliateStage) -> Payout:
    return (await stage.payouts())[-1]


async def sending(stage: AffiliateStage) -> Payout:
    asked = await stage.ask(GIFT, 3)
    assert (await stage.answer(approve(asked))).done
    return await current(stage)


async def test_a_gift_is_asked_for_once_and_the_rest_stays_payable(stage: AffiliateStage) -> None:
    payout = await sending(stage)
    assert (payout.state, (await stage.partner()).purse) == (S.SENDING, Purse(payable=200, in_payout=1000))
    (wish,) = stage.heard(GiveTelegramPremium)
    assert (wish.gift_id, wish.player_id, wish.months) == (payout.payout_id, PARTNER, 3)
    await stage.take(given(payout, stage), given(payout, stage))
    await stage.take(denied(payout, stage))
    assert ((await current(stage)).state, (await stage.partner()).purse) == (S.SENT, Purse(payable=200, paid=1000))
    assert (await stage.partner()).open_payout is None
    await stage.books_are_even()


async def test_an_external_one_is_all_that_is_payable_and_paid_under_ops_reference(stage: AffiliateStage) -> None:
    asked = await stage.ask()
    assert asked.stars == 1200
    assert not (await stage.answer(settle(asked))).done
    assert (await stage.answer(approve(asked, expected=S.REQUESTED))).payout.state is S.APPROVED
    answer = await stage.answer(settle(asked))
    assert (answer.payout.state, answer.payout.reference) == (S.SENT, "SEPA 2026-17")
    again = await stage.answer(settle(asked))
    assert (again.done, "SENT" in again.reason) == (False, True)
    assert (await stage.partner()).purse == Purse(paid=1200)
    await stage.books_are_even()


async def test_a_reference_settles_one_payout(stage: AffiliateStage) -> None:
    first = await stage.ask()
    await stage.answer(approve(first))
    assert (await stage.answer(settle(first))).done
    await stage.earn(stars=10_000)
    stage.wait(minutes=1)
    second = await stage.ask()
    await stage.answer(approve(second))
    answer = await stage.answer(settle(second))
    assert (answer.done, f"it settled payout {first.payout_id}" in answer.reason) == (False, True)
    assert (await stage.answer(settle(second, "SEPA 2026-18"))).done


async def test_a_gift_is_not_settled_by_hand(stage: AffiliateStage) -> None:
    payout = await sending(stage)
    answer = await stage.answer(settle(payout))
    assert (answer.done, "admin.payments.gift.settle" in answer.reason) == (False, True)


async def test_what_fails_is_payable_again_and_may_be_asked_for_again(stage: AffiliateStage) -> None:
    payout = await sending(stage)
    await stage.take(denied(payout, stage))
    failed = await current(stage)
    assert (failed.state, failed.reason) == (S.FAILED, "BALANCE_TOO_LOW")
    assert (await stage.partner()).purse == Purse(payable=1200)
    stage.wait(minutes=1)
    again = await stage.ask(GIFT, 3)
    assert (again.payout_id != payout.payout_id, again.state) == (True, S.REQUESTED)
    await stage.books_are_even()


async def test_what_failed_and_was_given_all_the_same_is_paid(stage: AffiliateStage) -> None:
    payout = await sending(stage)
    await stage.take(denied(payout, stage), given(payout, stage))
    assert ((await current(stage)).state, (await stage.partner()).purse) == (S.SENT, Purse(payable=200, paid=1000))
    await stage.books_are_even()


async def test_one_is_open_at_a_time_also_when_asked_for_at_once(stage: AffiliateStage) -> None:
    wish = RequestPayout(player_id=PARTNER, kind=GIFT, months=3)
    replicas = [AffiliateStage(stage.pool) for _ in range(4)]
    await asyncio.gather(*(replica.take(wish) for replica in replicas))
    assert len(await stage.payouts()) == 1
    shown = [one.refusal for replica in replicas for one in replica.heard(AffiliateShown) if one.refusal]
    assert shown == [PayoutRefusal.ONE_IS_OPEN] * 3


async def test_two_operators_who_approve_at_once_ask_for_one_gift(stage: AffiliateStage) -> None:
    payout = await stage.ask(GIFT, 3)
    replicas = [AffiliateStage(stage.pool) for _ in range(4)]
    answers: list[PayoutAnswer] = await asyncio.gather(*(replica.answer(approve(payout)) for replica in replicas))
    assert sorted(answer.done for answer in answers) == [False, False, False, True]
    assert len([one for replica in replicas for one in replica.heard(GiveTelegramPremium)]) == 1
    await stage.books_are_even()


async def test_a_refund_before_the_approval_stands_in_its_way(stage: AffiliateStage) -> None:
    payout = await stage.ask(GIFT, 3)
    (bought,) = stage.payments.stand.values()
    await stage.take(stage.refunded(stage.credited(bought.purchase_id, stars=4_000)))
    answer = await stage.answer(approve(payout))
    assert (answer.done, "0 Stars are payable" in answer.reason) == (False, True)
    assert (await stage.answer(CancelPayout(payout_id=payout.payout_id, note="refunded"))).done
    assert (await stage.partner()).purse == Purse()
    await stage.books_are_even()


async def test_a_refund_after_the_payout_is_deducted_from_the_next(stage: AffiliateStage) -> None:
    (bought,) = stage.payments.stand.values()
    payout = await sending(stage)
    await stage.take(given(payout, stage))
    await stage.take(stage.refunded(stage.credited(bought.purchase_id, stars=4_000)))
    assert (await stage.partner()).purse == Purse(payable=-1000, paid=1000)
    await stage.take(RequestPayout(player_id=PARTNER, kind=PayoutKind.EXTERNAL))
    assert stage.heard(AffiliateShown)[-1].refusal is PayoutRefusal.TOO_LITTLE
    await stage.earn(stars=20_000)
    assert (await stage.partner()).purse == Purse(payable=2000, paid=1000)
    await stage.books_are_even()


async def test_a_case_stops_asking_and_approving_and_what_is_on_its_way_goes_on(stage: AffiliateStage) -> None:
    payout = await stage.ask(GIFT, 3)
    await stage.take(HoldPartner(player_id=PARTNER, hold=True, note="odd starts"))
    answer = await stage.answer(approve(payout))
    assert (answer.done, "risk case" in answer.reason) == (False, True)
    await stage.take(HoldPartner(player_id=PARTNER, hold=False, note="all well"))
    assert (await stage.answer(approve(payout))).done
    await stage.take(HoldPartner(player_id=PARTNER, hold=True, note="once more"))
    await stage.take(given(payout, stage))
    assert (await current(stage)).state is S.SENT


async def test_what_is_on_its_way_is_not_canceled(stage: AffiliateStage) -> None:
    payout = await sending(stage)
    answer = await stage.answer(CancelPayout(payout_id=payout.payout_id, note="no"))
    assert (answer.done, "SENDING" in answer.reason) == (False, True)


async def test_an_approved_one_that_is_canceled_is_payable_again(stage: AffiliateStage) -> None:
    payout = await stage.ask()
    await stage.answer(approve(payout))
    assert (await stage.answer(CancelPayout(payout_id=payout.payout_id, note="asked to"))).done
    assert (await stage.partner()).purse == Purse(payable=1200)
    await stage.books_are_even()


async def test_one_that_is_canceled_while_it_is_paid_outside_is_settled_all_the_same(stage: AffiliateStage) -> None:
    payout = await stage.ask()
    assert not (await stage.answer(settle(payout))).done
    await stage.answer(approve(payout))
    await stage.answer(CancelPayout(payout_id=payout.payout_id, note="asked to"))
    answer = await stage.answer(settle(payout))
    assert (answer.done, answer.payout.state) == (True, S.SENT)
    assert not (await stage.answer(settle(payout))).done
    assert (await stage.partner()).purse == Purse(paid=1200)
    await stage.books_are_even()


async def test_one_that_nobody_approved_is_canceled_for_good(stage: AffiliateStage) -> None:
    payout = await stage.ask()
    await stage.answer(CancelPayout(payout_id=payout.payout_id, note="asked to"))
    assert not (await stage.answer(settle(payout))).done
    assert (await stage.partner()).purse == Purse(payable=1200)


async def test_an_expected_status_that_is_not_is_a_conflict(stage: AffiliateStage) -> None:
    payout = await stage.ask()
    answer = await stage.answer(approve(payout, expected=S.APPROVED))
    assert (answer.done, answer.reason.startswith("expected: it is REQUESTED")) == (False, True)


@pytest.mark.parametrize("state", [GiftState.ASKED, GiftState.UNSURE, GiftState.GIVEN, GiftState.FAILED, None])
async def test_payments_is_asked_what_became_of_a_gift_whose_word_did_not_come(
    stage: AffiliateStage, state: GiftState | None
) -> None:
    payout = await sending(stage)
    if state is not None:
        stage.gift(payout, state, "denied")
    await stage.look_after()
    assert (await current(stage)).state is S.SENDING, "it may be on its way"
    stage.wait(minutes=6)
    await stage.look_after()
    expected = {GiftState.GIVEN: S.SENT, GiftState.FAILED: S.FAILED}
    assert (await current(stage)).state is (S.SENDING if state is None else expected.get(state, S.SENDING))
    wishes = stage.heard(GiveTelegramPremium)
    assert [wish.gift_id for wish in wishes] == [payout.payout_id] * (2 if state is None else 1)
    await stage.books_are_even()


async def test_what_failed_is_asked_about_again_and_paid_if_it_was_given(stage: AffiliateStage) -> None:
    payout = await sending(stage)
    await stage.take(denied(payout, stage))
    for days, state, purse in ((0, GiftState.FAILED, Purse(payable=1200)), (3, GiftState.GIVEN, PAID)):
        stage.gift(payout, state)
        stage.wait(days=days, minutes=6)
        await stage.look_after()
        assert (await stage.partner()).purse == purse
        await stage.books_are_even()


async def test_less_than_a_thousand_is_not_paid(pool: Pool) -> None:
    stage = AffiliateStage(pool)
    await stage.enrol()
    await stage.come()
    await stage.earn(stars=3_333)
    assert (await stage.partner()).purse == Purse(payable=999)
    await stage.take(RequestPayout(player_id=PARTNER, kind=PayoutKind.EXTERNAL))
    assert (await stage.payouts(), stage.heard(AffiliateShown)[-1].refusal) == ([], PayoutRefusal.TOO_LITTLE)


async def test_the_page_has_funnel_earnings_payouts_and_twelve_weeks(stage: AffiliateStage) -> None:
    await stage.come(player_id=801)
    await stage.ask(GIFT, 3)
    await stage.take(ShowAffiliate(player_id=PARTNER))
    shown = stage.heard(AffiliateShown)[-1]
    assert (shown.funnel.starts, shown.funnel.answered_20, shown.funnel.payers) == (2, 0, 1)
    assert (shown.pending, shown.payable, shown.paid, shown.on_hold) == (0, 1200, 0, False)
    assert [(one.kind, one.state) for one in shown.payouts] == [(GIFT, S.REQUESTED)]
    assert len(shown.weeks) == 12
    assert sum(week.stars for week in shown.weeks) == 1200
    listed = await stage.answer(ListPayouts())
    assert [one.payout_id for one in listed.payouts] == [shown.payouts[0].payout_id]
