"""Commissions in real turns on real Postgres (DOMAIN §9): heard twice, late, out of order, or not at all."""

import itertools
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from affiliate_stage import BUYER, PARTNER, AffiliateStage
from referring_stage import NOON, Pool

from contracts.referrals import (
    CommissionState,
    DecidePartner,
    DecideReview,
    HoldPartner,
    PartnerState,
    ReferralState,
    ReviewAction,
    SetPartnerRates,
)
from referrals.domain.affiliates.internal import MatureCommission
from referrals.domain.affiliates.ledger import Purse
from referrals.domain.affiliates.sale import PENDING_FOR

pytestmark = pytest.mark.services("referrals")


@pytest.fixture
async def stage(pool: Pool) -> AffiliateStage:
    made = AffiliateStage(pool)
    await made.enrol()
    await made.come()
    return made


async def test_a_purchase_earns_is_pending_and_becomes_payable(stage: AffiliateStage) -> None:
    bought = stage.credited()
    await stage.take(bought)
    assert (await stage.partner()).purse == Purse(pending=29)
    stage.wait(seconds=PENDING_FOR.total_seconds() - 1)
    await stage.settle()
    assert (await stage.partner()).purse == Purse(pending=29)
    stage.wait(seconds=1)
    await stage.settle()
    await stage.settle()
    assert (await stage.partner()).purse == Purse(payable=29)
    await stage.books_are_even()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_any_order_of_credit_refund_and_telegrams_word_ends_alike(
    stage: AffiliateStage, order: tuple[int, ...]
) -> None:
    bought = stage.credited()
    words: list[Any] = [bought, stage.refunded(bought), stage.taken(bought)]
    for place in order:
        await stage.take(words[place])
        await stage.take(words[place])
        await stage.books_are_even()
    await stage.take(stage.restated(bought))
    assert (await stage.partner()).purse == Purse()
    assert (await stage.sale(bought)).state in (CommissionState.NONE, CommissionState.TAKEN_BACK)
    stage.wait(days=40)
    await stage.settle()
    assert (await stage.partner()).purse == Purse()
    await stage.books_are_even()


async def test_heard_twice_in_one_turn_it_earns_once(stage: AffiliateStage) -> None:
    bought = stage.credited()
    await stage.take(bought, bought, stage.restated(bought))
    assert (await stage.partner()).purse == Purse(pending=29)
    await stage.books_are_even()


async def test_a_refund_of_what_is_payable_takes_it_back(stage: AffiliateStage) -> None:
    bought = await stage.earn(stars=99)
    await stage.take(stage.refunded(bought))
    assert (await stage.partner()).purse == Purse()
    await stage.books_are_even()


async def test_a_buyer_who_is_heard_of_after_the_sale_earns_it_all_the_same(pool: Pool) -> None:
    stage = AffiliateStage(pool)
    await stage.enrol()
    bought = stage.credited()
    await stage.take(bought)
    assert (await stage.partner()).purse == Purse()
    await stage.come()
    await stage.settle()
    assert (await stage.partner()).purse == Purse(pending=29)


async def test_a_sale_that_was_heard_while_its_buyer_was_bound_is_found_by_the_job(stage: AffiliateStage) -> None:
    # Its turn saw no link yet, and the one that bound saw no sale: nothing is said of its commission.
    await stage.turns.take([stage.delivery(stage.credited())])
    assert (await stage.partner()).purse == Purse()
    await stage.settle()
    await stage.settle()
    assert (await stage.partner()).purse == Purse(pending=29)


async def test_who_is_bound_long_after_they_bought_earns_it_all_the_same(pool: Pool) -> None:
    stage = AffiliateStage(pool)
    await stage.enrol()
    code = await pool.fetchval("select code from members where player_id = $1", PARTNER)
    joined = stage.joined(BUYER)
    await stage.take(stage.touch(BUYER, code), stage.credited())
    stage.wait(days=20)
    await stage.take(joined)
    assert (await stage.partner()).purse == Purse(pending=29)
    await stage.books_are_even()


async def test_who_was_rejected_and_is_opened_again_earns_what_they_bought_however_long_ago(
    stage: AffiliateStage,
) -> None:
    for number in range(1, 11):
        await stage.come(BUYER + number)
    suspect = BUYER + 10
    bought = stage.credited(player_id=suspect)
    await stage.take(bought, stage.credited(player_id=suspect, affiliate=True))
    stage.wait(days=20)
    await stage.settle()
    assert (await stage.partner()).purse == Purse()
    decision = DecideReview(player_id=suspect, action=ReviewAction.REOPEN, note="a school class")
    assert (await stage.answer(decision)).before is ReferralState.REJECTED_FRAUD
    assert (await stage.partner()).purse == Purse(pending=29)
    await stage.take(bought)
    await stage.settle()
    assert (await stage.partner()).purse == Purse(pending=29)
    await stage.books_are_even()


async def test_what_confirmed_fraud_bought_stays_pending_until_a_person_opens_it_again(stage: AffiliateStage) -> None:
    bought = stage.credited()
    await stage.take(bought)
    await stage.answer(DecideReview(player_id=BUYER, action=ReviewAction.CONFIRM_FRAUD, note="one person"))
    stage.wait(days=31)
    await stage.settle()
    # One that was on its way when it was decided.
    await stage.take(MatureCommission(purchase_id=bought.purchase_id, player_id=BUYER, partner_id=PARTNER))
    assert (await stage.partner()).purse == Purse(pending=29)
    await stage.answer(DecideReview(player_id=BUYER, action=ReviewAction.REOPEN, note="a twin"))
    await stage.settle()
    assert (await stage.partner()).purse == Purse(payable=29)
    await stage.books_are_even()


async def test_a_sale_whose_event_was_lost_is_heard_of_by_comparison(stage: AffiliateStage) -> None:
    stage.credited()
    await stage.compare()
    await stage.compare()
    assert (await stage.partner()).purse == Purse(pending=29)
    await stage.books_are_even()


@pytest.mark.parametrize("lost", ["refunded", "taken"])
async def test_a_lost_word_is_asked_for_before_anything_is_payable(stage: AffiliateStage, lost: str) -> None:
    bought = stage.credited()
    await stage.take(bought)
    stage.wait(days=5)
    getattr(stage, lost)(bought)
    stage.wait(days=25)
    await stage.settle()
    assert (await stage.partner()).purse == Purse()
    assert (await stage.sale(bought)).state is CommissionState.TAKEN_BACK
    await stage.books_are_even()


async def test_what_payments_does_not_know_stays_pending(stage: AffiliateStage) -> None:
    await stage.take(stage.credited())
    stage.payments.stand.clear()
    stage.wait(days=31)
    await stage.settle()
    assert (await stage.partner()).purse == Purse(pending=29)


async def test_while_a_case_is_open_nothing_becomes_payable(stage: AffiliateStage) -> None:
    bought = stage.credited()
    await stage.take(bought, HoldPartner(player_id=PARTNER, hold=True, note="odd starts"))
    stage.wait(days=31)
    await stage.settle()
    assert (await stage.partner()).purse == Purse(pending=29)
    await stage.take(HoldPartner(player_id=PARTNER, hold=False, note="all well"))
    await stage.settle()
    assert (await stage.partner()).purse == Purse(payable=29)


async def test_rates_of_their_own_count_from_when_they_were_given(stage: AffiliateStage) -> None:
    early = stage.credited()
    stage.wait(minutes=1)
    await stage.take(SetPartnerRates(player_id=PARTNER, first_per_mille=500, later_per_mille=100, note="a big one"))
    stage.wait(minutes=1)
    late = stage.credited()
    await stage.take(late, early)
    assert [(await stage.sale(one)).commission for one in (early, late)] == [29, 49]


async def test_own_purchases_strangers_and_other_currencies_earn_nothing(stage: AffiliateStage) -> None:
    own, strange = stage.credited(player_id=PARTNER), stage.credited(player_id=BUYER + 1)
    await stage.take(own, strange)
    assert (await stage.partner()).purse == Purse()
    for one in (own, strange):
        assert (await stage.sale(one)).state is CommissionState.NONE


async def test_whom_fraud_brought_earns_nothing_new(stage: AffiliateStage) -> None:
    await stage.pool.execute("update referrals set state = 'REJECTED_FRAUD' where player_id = $1", BUYER)
    await stage.take(stage.credited())
    await stage.settle()
    assert (await stage.partner()).purse == Purse()


async def test_a_banned_partner_earns_no_more_and_a_second_time_enrolled_only_from_then_on(
    stage: AffiliateStage,
) -> None:
    stage.wait(minutes=1)
    await stage.take(DecidePartner(player_id=PARTNER, state=PartnerState.BANNED, note="bots"))
    stage.wait(minutes=1)
    between = stage.credited()
    stage.wait(minutes=1)
    await stage.enrol()
    stage.wait(minutes=1)
    after = stage.credited()
    await stage.take(after, between)
    assert [(await stage.sale(one)).state for one in (between, after)] == [
        CommissionState.NONE,
        CommissionState.PENDING,
    ]


# -- what the database refuses ----------------------------------------------------------------------


async def write(connection: Any, amounts: list[tuple[str, int]], key: str = "k", legs: list[int] | None = None) -> None:
    identifier = uuid4()
    async with connection.transaction():
        await connection.execute(
            "insert into ledger_transactions values ($1, 'EARNED', $2, 7, $3, null, $4)",
            identifier, key, uuid4(), NOON,
        )  # fmt: skip
        numbers = legs or list(range(1, len(amounts) + 1))
        await connection.execute(
            "insert into ledger_entries select $1, * from unnest($2::smallint[], $3::text[], $4::bigint[])",
            identifier, numbers, [name for name, _ in amounts], [amount for _, amount in amounts],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("amounts", "legs", "words"),
    [
        ([("pending:7", 3), ("house:COMMISSION", -2)], None, "out of balance"),
        ([("pending:7", 3), ("house:COMMISSION", -3)], [1, 3], "needs all its legs"),
        ([("pending:7", 3), ("pending:7", -3)], None, "needs all its legs"),
        ([("pending:7", -3), ("house:COMMISSION", 3)], None, "would have -3"),
        ([("nobody", 3), ("house:COMMISSION", -3)], None, "check constraint"),
        ([("pending:7", 0)], None, "check constraint"),
        ([], None, "ledger_transactions_not_empty"),
    ],
)
async def test_the_database_refuses_what_is_no_transaction(
    stage: AffiliateStage, amounts: list[tuple[str, int]], legs: list[int] | None, words: str
) -> None:
    async with stage.pool.acquire() as connection:
        with pytest.raises(asyncpg.PostgresError, match=words):
            await write(connection, amounts, legs=legs)
    assert await stage.pool.fetchval("select count(*) from ledger_transactions") == 0


async def test_nothing_of_the_ledger_is_changed_and_no_key_comes_twice(stage: AffiliateStage) -> None:
    await stage.take(stage.credited())
    for sql in (
        "delete from ledger_transactions",
        "update ledger_transactions set at = at",
        "delete from ledger_entries",
        "update ledger_entries set amount = 1",
    ):
        with pytest.raises(asyncpg.PostgresError, match="append-only"):
            await stage.pool.execute(sql)
    with pytest.raises(asyncpg.PostgresError, match="follows from ledger_entries"):
        await stage.pool.execute("update ledger_balances set balance = 1")
    key = await stage.pool.fetchval("select idempotency_key from ledger_transactions")
    async with stage.pool.acquire() as connection:
        with pytest.raises(asyncpg.UniqueViolationError):
            await write(connection, [("pending:7", 3), ("house:COMMISSION", -3)], key=key)


async def test_the_first_thirty_days_are_counted_from_the_start(stage: AffiliateStage) -> None:
    stage.wait(seconds=timedelta(days=30).total_seconds() - 1)
    first = stage.credited()
    stage.wait(seconds=1)
    later = stage.credited()
    await stage.take(first, later)
    assert [(await stage.sale(one)).per_mille for one in (first, later)] == [300, 150]
