"""Refunds, credits and failures whose event was lost: promo asks payments, and settles what differs (DOMAIN §7)."""

import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from promo_words import ONE, OTHER, credited, invoice, passed, refunded, run_out
from redeeming_stage import NOON, Stage

from actors.asking import QueryError
from contracts.payments import DiscountedPurchase, Product, PurchaseState
from contracts.promo import CampaignScope, CampaignType, DiscountAppliedLate, DiscountReserved, DiscountRevoked
from promo.domain.comparison import OVERLAP, PURCHASES, NoteCompared
from promo.handlers.rollback import roll_back_refunds
from promo.providers.payments_books import PaymentsBooks

pytestmark = pytest.mark.services("promo")


class Books:
    """What payments answers."""

    def __init__(self) -> None:
        self.purchases: list[DiscountedPurchase] = []
        self.asked: list[datetime] = []
        self.is_away = False
        self.now = NOON

    async def discounted(self, since: datetime) -> AsyncIterator[Sequence[DiscountedPurchase]]:
        self.asked.append(since)
        if self.is_away:
            raise QueryError("query.payments.discounted_purchases: NoRespondersError within 10.0 s")
        yield [one for one in self.purchases if one.changed_at >= since]

    def stands(self, redemption_id: UUID, state: PurchaseState, purchase_id: UUID = ONE) -> None:
        was_credited = state in (PurchaseState.CREDITED, PurchaseState.REFUNDED)
        self.purchases = [
            DiscountedPurchase(
                purchase_id=purchase_id, player_id=7, redemption_id=redemption_id, product=Product.PREMIUM_MONTH,
                state=state, changed_at=self.now, credited_at=NOON if was_credited else None,
                refunded_at=NOON if state is PurchaseState.REFUNDED else None,
            )
        ]  # fmt: skip


@pytest.fixture
async def books(stage: Stage, tmp_path: Path) -> Books:
    """Payments, and a code for 20 % off."""
    books = stage.resources[PaymentsBooks] = Books()
    campaign = await stage.campaign(
        type=CampaignType.PERCENT_DISCOUNT, percent=20, premium_days=0, scope=CampaignScope.PREMIUM_ANY
    )
    await stage.codes(tmp_path, campaign, "SOMMER26")
    return books


async def reserved(stage: Stage) -> UUID:
    (told,) = await stage.redeem_all([(7, "SOMMER26")])
    assert isinstance(told, DiscountReserved)
    return told.redemption_id


async def state(stage: Stage) -> str:
    async with stage.pool.acquire() as connection:
        return await connection.fetchval("select state from redemptions")


def told(stage: Stage, kind: type[Any]) -> int:
    return len([one for one in stage.said if isinstance(one, kind)])


async def test_a_refund_whose_event_was_lost_is_rolled_back_once(stage: Stage, books: Books) -> None:
    redemption = await reserved(stage)
    await stage.take(credited(redemption))
    books.stands(redemption, PurchaseState.REFUNDED)
    for _ in range(2):
        await stage.run(roll_back_refunds.due())
        assert await state(stage) == "REVOKED"
    await stage.take(refunded(redemption))  # it was only late
    assert await state(stage) == "REVOKED"
    assert told(stage, DiscountRevoked) == 1
    view = await stage.view()
    assert (view.used, view.reserved) == (1, 0)


@pytest.mark.parametrize("lost", ["credit", "both"])
async def test_a_credit_whose_event_was_lost_counts(stage: Stage, books: Books, lost: str) -> None:
    redemption = await reserved(stage)
    books.stands(redemption, PurchaseState.CREDITED if lost == "credit" else PurchaseState.REFUNDED)
    await stage.run(roll_back_refunds.due())
    assert await state(stage) == ("APPLIED" if lost == "credit" else "REVOKED")
    view = await stage.view()
    assert (view.used, view.reserved, view.overrun) == (1, 0, 0)


async def test_a_credit_that_is_found_after_the_expiry_is_late(stage: Stage, books: Books) -> None:
    redemption = await reserved(stage)
    stage.wait(minutes=16)
    await run_out(stage)
    books.stands(redemption, PurchaseState.CREDITED)
    await stage.run(roll_back_refunds.due())
    assert (await state(stage), told(stage, DiscountAppliedLate)) == ("APPLIED_LATE", 1)


async def test_a_failure_whose_event_was_lost_holds_no_use_for_ever(stage: Stage, books: Books) -> None:
    redemption = await reserved(stage)
    await stage.take(invoice(redemption), passed(redemption))
    stage.wait(hours=1)
    books.now = stage.clock.now()
    books.stands(redemption, PurchaseState.FAILED, OTHER)  # not the one that it is being paid with
    await stage.run(roll_back_refunds.due())
    await run_out(stage)
    assert await state(stage) == "RESERVED"
    books.stands(redemption, PurchaseState.FAILED)
    await stage.run(roll_back_refunds.due())
    stage.wait(minutes=1)
    await run_out(stage)
    assert await state(stage) == "EXPIRED"


async def test_what_stands_as_it_should_is_left_alone(stage: Stage, books: Books) -> None:
    redemption = await reserved(stage)
    await stage.take(credited(redemption))
    books.stands(redemption, PurchaseState.CREDITED)
    said = len(stage.said)
    await stage.run(roll_back_refunds.due())
    books.stands(UUID(int=99), PurchaseState.REFUNDED)  # nothing that promo knows
    await stage.run(roll_back_refunds.due())
    assert (len(stage.said), await state(stage)) == (said, "APPLIED")


async def test_each_comparison_begins_before_the_last_that_was_answered(stage: Stage, books: Books) -> None:
    for away in (False, True, True, False):
        books.is_away = away
        await stage.run(roll_back_refunds.due())
        stage.wait(minutes=5)
    first = NOON - OVERLAP
    assert books.asked[1:] == [first, first, first]
    await stage.run(roll_back_refunds.due())
    assert books.asked[-1] == first + timedelta(minutes=15)


async def test_a_late_note_takes_nothing_back(stage: Stage, books: Books) -> None:
    for minutes in (10, 5):
        await stage.take(NoteCompared(name=PURCHASES, until=NOON + timedelta(minutes=minutes)))
    await stage.run(roll_back_refunds.due())
    assert books.asked == [NOON + timedelta(minutes=10) - OVERLAP]


@pytest.mark.parametrize("order", list(itertools.permutations(("job", "credit", "refund"))))
async def test_events_and_the_comparison_come_to_one_end_in_any_order(
    stage: Stage, books: Books, order: tuple[str, ...]
) -> None:
    redemption = await reserved(stage)
    books.stands(redemption, PurchaseState.REFUNDED)
    for word in (*order, *order):
        if word == "job":
            await stage.run(roll_back_refunds.due())
        else:
            await stage.take(credited(redemption) if word == "credit" else refunded(redemption))
    view = await stage.view()
    assert (await state(stage), view.used, view.reserved, view.overrun) == ("REVOKED", 1, 0, 0)
    assert told(stage, DiscountRevoked) == 1
