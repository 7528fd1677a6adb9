"""The rules of commissions and payouts, pure (DOMAIN §9): exact amounts, time, holds, refunds, who may ask for what."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from commission_parts import BUYER, DAY, NOON, PARTNER, partner, request, sale, settled
from hypothesis import given
from hypothesis import strategies as st

from contracts.referrals import CommissionState, PartnerState, PayoutKind, PayoutRefusal, PayoutState
from referrals.domain.affiliates import payout as rules
from referrals.domain.affiliates.ledger import COMMISSION, Entry, Kind, Purse, Transaction
from referrals.domain.affiliates.partner import commission
from referrals.domain.affiliates.sale import PENDING_FOR, Sale

# -- amounts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stars", "per_mille", "expected"),
    [(10, 300, 3), (99, 300, 29), (99, 150, 14), (5, 150, 0), (499, 300, 149), (0, 300, 0), (7, 1000, 7)],
)
def test_a_commission_is_floored_exactly(stars: int, per_mille: int, expected: int) -> None:
    assert commission(stars, per_mille) == expected


@given(st.integers(0, 10**12), st.integers(0, 1000))
def test_a_commission_is_never_more_than_its_part(stars: int, per_mille: int) -> None:
    found = commission(stars, per_mille)
    assert found * 1000 <= stars * per_mille < (found + 1) * 1000


@pytest.mark.parametrize(("stars", "per_mille"), [(-1, 300), (10, -1), (10, 1001)])
def test_what_is_no_amount_or_rate_is_refused(stars: int, per_mille: int) -> None:
    with pytest.raises(ValueError, match="expected Stars from 0"):
        commission(stars, per_mille)


@pytest.mark.parametrize(
    ("after", "expected"),
    [(timedelta(0), 300), (30 * DAY - timedelta(microseconds=1), 300), (30 * DAY, 150), (400 * DAY, 150)],
)
def test_the_first_thirty_days_earn_more(after: timedelta, expected: int) -> None:
    who = partner()
    one = sale(credited_at=NOON + after)
    settled(one, who, NOON + after)
    assert (one.per_mille, one.commission, who.purse.pending) == (expected, commission(99, expected), one.commission)


def test_a_purchase_earns_what_stood_when_it_was_credited() -> None:
    who = partner()
    who.set_rates(500, 200, NOON)
    before, after = sale(credited_at=NOON - timedelta(seconds=1)), sale(credited_at=NOON)
    for one in (before, after):
        settled(one, who, NOON + DAY, started_at=NOON - timedelta(hours=1))
    assert (before.per_mille, after.per_mille) == (300, 500)


def test_what_was_bought_before_somebody_was_a_partner_or_after_they_were_banned_earns_nothing() -> None:
    who = partner()
    who.decide(PartnerState.BANNED, "mira: bots", NOON)
    for at in (NOON - 2 * DAY, NOON):
        one = sale(credited_at=at)
        settled(one, who, NOON + DAY, started_at=at)
        assert (one.state, one.partner_id) == (CommissionState.NONE, None)
    late = sale(credited_at=NOON - timedelta(hours=1))
    settled(late, who, NOON + DAY)
    assert late.state is CommissionState.PENDING


def test_own_purchases_earn_nothing() -> None:
    one = sale()
    one.player_id = PARTNER
    settled(one, partner(), NOON)
    assert one.state is CommissionState.NONE


def test_what_telegrams_programme_paid_for_earns_nothing_and_what_was_earned_is_taken_back() -> None:
    who = partner()
    told = sale(is_telegrams=True)
    settled(told, who, NOON)
    assert told.state is CommissionState.NONE
    late = sale()
    settled(late, who, NOON)
    late.is_telegrams = True
    settled(late, who, NOON)
    assert (late.state, who.purse) == (CommissionState.TAKEN_BACK, Purse())


def test_what_was_not_paid_in_stars_earns_nothing() -> None:
    one = sale(stars=0)
    settled(one, partner(), NOON)
    assert one.state is CommissionState.NONE


# -- time and holds ---------------------------------------------------------------------------------


def test_it_is_payable_after_thirty_days_and_not_a_microsecond_before() -> None:
    who, one = partner(), sale()
    settled(one, who, NOON)
    settled(one, who, NOON + PENDING_FOR - timedelta(microseconds=1), mature=True)
    assert one.state is CommissionState.PENDING
    settled(one, who, NOON + PENDING_FOR)
    assert one.state is CommissionState.PENDING, "only payments' word makes it payable"
    settled(one, who, NOON + PENDING_FOR, mature=True)
    assert (one.state, who.purse.payable) == (CommissionState.PAYABLE, 29)


@pytest.mark.parametrize("banned", [False, True])
def test_nothing_becomes_payable_while_a_partner_is_held(banned: bool) -> None:
    who, one = partner(), sale()
    settled(one, who, NOON)
    if banned:
        who.decide(PartnerState.BANNED, "mira: bots", NOON)
    else:
        who.held_since = NOON
    settled(one, who, NOON + PENDING_FOR, mature=True)
    assert (one.state, who.purse.payable) == (CommissionState.PENDING, 0)
    who.held_since, who.state = None, PartnerState.APPROVED
    settled(one, who, NOON + PENDING_FOR, mature=True)
    assert who.purse.payable == 29


@pytest.mark.parametrize("mature", [False, True])
def test_a_refund_takes_it_back_from_where_it_is(mature: bool) -> None:
    who, one = partner(), sale()
    settled(one, who, NOON)
    if mature:
        settled(one, who, NOON + PENDING_FOR, mature=True)
    one.hear_refund(NOON + DAY)
    settled(one, who, NOON + PENDING_FOR)
    settled(one, who, NOON + PENDING_FOR)
    assert (one.state, who.purse) == (CommissionState.TAKEN_BACK, Purse())


def test_a_refund_that_was_heard_first_leaves_nothing_to_earn() -> None:
    who = partner()
    one = Sale(purchase_id=uuid4(), player_id=BUYER)
    one.hear_refund(NOON)
    one.hear_credit(99, NOON)
    settled(one, who, NOON)
    assert (one.state, who.purse) == (CommissionState.NONE, Purse())


# -- payouts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "kind", "months", "expected"),
    [
        ({}, PayoutKind.EXTERNAL, 0, None),
        ({}, PayoutKind.PREMIUM_GIFT, 3, None),
        ({}, PayoutKind.PREMIUM_GIFT, 6, PayoutRefusal.TOO_LITTLE),
        ({}, PayoutKind.PREMIUM_GIFT, 4, PayoutRefusal.NOT_SOLD),
        ({"purse": Purse(payable=999)}, PayoutKind.EXTERNAL, 0, PayoutRefusal.TOO_LITTLE),
        ({"purse": Purse(payable=-5, pending=5000)}, PayoutKind.EXTERNAL, 0, PayoutRefusal.TOO_LITTLE),
        ({"open_payout": UUID(int=1)}, PayoutKind.EXTERNAL, 0, PayoutRefusal.ONE_IS_OPEN),
        ({"held_since": NOON}, PayoutKind.EXTERNAL, 0, PayoutRefusal.ON_HOLD),
        ({"state": PartnerState.BANNED}, PayoutKind.EXTERNAL, 0, PayoutRefusal.NO_PARTNER),
        ({"state": PartnerState.APPLIED}, PayoutKind.EXTERNAL, 0, PayoutRefusal.NO_PARTNER),
    ],
)
def test_who_may_ask_for_what(
    changed: dict[str, Any], kind: PayoutKind, months: int, expected: PayoutRefusal | None
) -> None:
    assert rules.refusal(partner(**{"purse": Purse(payable=1000)} | changed), kind, months) is expected
    assert rules.refusal(None, kind, months) is PayoutRefusal.NO_PARTNER


def test_a_refund_after_a_payout_is_a_negative_commission_that_the_next_one_deducts() -> None:
    who = partner()
    first = sale(stars=10_000)
    settled(first, who, NOON)
    settled(first, who, NOON + PENDING_FOR, mature=True)
    paid = request(who)
    for transaction in (paid.approve(who, uuid4(), NOON), paid.send(uuid4(), NOON)):
        assert isinstance(transaction, Transaction)
        who.purse = who.purse.after(transaction, PARTNER)
    assert who.purse == Purse(payable=0, paid=3000)
    first.hear_refund(NOON + PENDING_FOR + DAY)
    settled(first, who, NOON + PENDING_FOR + DAY)
    assert who.purse == Purse(payable=-3000, paid=3000)
    second = sale(stars=15_000)
    settled(second, who, NOON)
    settled(second, who, NOON + PENDING_FOR, mature=True)
    assert who.purse.payable == 1500


def test_an_approval_looks_at_what_is_payable_by_then() -> None:
    who = partner(purse=Purse(payable=1200))
    asked = request(who)
    who.purse = Purse(payable=1199)
    refused = asked.approve(who, uuid4(), NOON)
    assert isinstance(refused, str)
    assert "1199 Stars are payable, fewer than its 1200" in refused
    who.purse, who.held_since = Purse(payable=1200), NOON
    refused = asked.approve(who, uuid4(), NOON)
    assert isinstance(refused, str)
    assert "risk case" in refused


def test_what_came_to_nothing_is_payable_again_and_what_was_paid_all_the_same_is_not() -> None:
    who = partner(purse=Purse(payable=1000))
    gift = request(who, PayoutKind.PREMIUM_GIFT, 3)

    def book(transaction: Transaction | str | None) -> None:
        assert isinstance(transaction, Transaction)
        who.purse = who.purse.after(transaction, PARTNER)

    book(gift.approve(who, uuid4(), NOON))
    gift.begin(NOON)
    assert who.purse == Purse(in_payout=1000)
    book(gift.end(PayoutState.FAILED, "denied", uuid4(), NOON))
    assert who.purse == Purse(payable=1000)
    book(gift.send(uuid4(), NOON))
    assert (gift.state, who.purse) == (PayoutState.SENT, Purse(paid=1000))
    assert gift.send(uuid4(), NOON) is None


@pytest.mark.parametrize(
    "entries",
    [
        (Entry("pending:7", 3),),
        (Entry("pending:7", 3), Entry(COMMISSION, -2)),
        (Entry("pending:7", 3), Entry("pending:7", -3)),
        (Entry("pending:7", 0), Entry(COMMISSION, 0)),
        (),
    ],
)
def test_a_transaction_out_of_balance_cannot_be_made(entries: tuple[Entry, ...]) -> None:
    with pytest.raises(ValueError, match="EARNED"):
        Transaction(id=uuid4(), kind=Kind.EARNED, idempotency_key="k", partner_id=7, at=NOON, entries=entries)
