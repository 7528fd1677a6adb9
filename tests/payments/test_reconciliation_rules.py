"""Reconciliation's rules (DOMAIN §6): what three books agree on, what is repaired, what is a diff."""

import itertools
import uuid
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from till import NOON

from contracts.payments import (
    Provider,
    PurchaseState,
    RecordPayment,
    RecordRefund,
    RefundReason,
)
from payments.domain.books import Amounts, BalanceCheck, Book, Total, compare_totals
from payments.domain.charge import ChargeState
from payments.domain.reconciliation import (
    AtProvider,
    ChargeComparison,
    DiffKind,
    InCharges,
    InLedger,
    InPurchases,
    compare,
    missing,
)

STARS = Provider.TELEGRAM
EARLIER = NOON - timedelta(hours=1)
BEFORE = NOON - timedelta(minutes=2)


def comparison(
    *, taken: int = 10, returned: int = 0, state: ChargeState | None = ChargeState.TAKEN, at: datetime = EARLIER
) -> ChargeComparison:
    """A charge of 10 Stars that all books agree on, unless said otherwise: credited, or refunded after it was."""
    back = state is ChargeState.REFUNDED
    purchase = InPurchases(
        purchase_id=uuid.UUID(int=1),
        product="ENERGY_10",
        state=PurchaseState.REFUNDED if back else PurchaseState.CREDITED,
        is_credited=True,
    )
    return ChargeComparison(
        provider=STARS,
        charge_id="c1",
        at_provider=AtProvider(
            taken=taken,
            returned=returned,
            currency="XTR",
            taken_at=at if taken else None,
            returned_at=at if returned else None,
            player_id=7,
            payload="sq1:",
            is_disputed=False,
        )
        if taken or returned
        else None,
        charge=None
        if state is None
        else InCharges(
            state=state,
            player_id=7,
            purchase_id=purchase.purchase_id,
            amount=10,
            currency="XTR",
            paid_at=at,
            recorded_at=at,
            refunded_at=at if back else None,
        ),
        purchase=None if state is None else purchase,
        ledger=InLedger(0 if state is None else 10, 10 if back else 0),
    )


def kinds(one: ChargeComparison, before: datetime = BEFORE) -> set[DiffKind]:
    return {diff.kind for diff in compare(one, before)}


BACK = ChargeState.REFUNDED
DIFFERENT = [
    (comparison(state=None), {DiffKind.UNKNOWN_PAYMENT}),
    (comparison(taken=0), {DiffKind.NOT_AT_PROVIDER}),
    (comparison(taken=11), {DiffKind.OTHER_AMOUNT}),
    (comparison(returned=10), {DiffKind.UNKNOWN_REFUND}),
    (comparison(returned=4), {DiffKind.REFUNDED_OTHERWISE}),
    (comparison(returned=20, state=BACK), {DiffKind.REFUNDED_OTHERWISE}),
    (comparison(state=BACK), {DiffKind.NOT_REFUNDED_AT_PROVIDER}),
    (comparison(taken=0, state=BACK), {DiffKind.NOT_AT_PROVIDER}),
    (msgspec.structs.replace(comparison(), purchase=None), {DiffKind.PURCHASE_DIFFERS, DiffKind.LEDGER_DIFFERS}),
    (msgspec.structs.replace(comparison(), ledger=InLedger(0, 0)), {DiffKind.LEDGER_DIFFERS}),
    (msgspec.structs.replace(comparison(), ledger=InLedger(20, 0)), {DiffKind.LEDGER_DIFFERS}),
    (msgspec.structs.replace(comparison(returned=10, state=BACK), ledger=InLedger(10, 0)), {DiffKind.LEDGER_DIFFERS}),
]


@pytest.mark.parametrize("one", [comparison(), comparison(returned=10, state=BACK), comparison(taken=0, state=None)])
def test_books_that_agree_have_no_diff(one: ChargeComparison):
    assert compare(one, BEFORE) == []
    assert missing(one, BEFORE) == []


@pytest.mark.parametrize(("one", "expected"), DIFFERENT)
def test_a_diff_says_what_is_wrong_and_names_the_charge(one: ChargeComparison, expected: set[DiffKind]):
    assert kinds(one) == expected
    assert all(diff.charge_id == "c1" and "TELEGRAM charge c1: " in diff.line for diff in compare(one, BEFORE))


def test_a_charge_of_another_player_or_currency_is_a_diff():
    seen = comparison().at_provider
    assert seen is not None
    other_player = msgspec.structs.replace(comparison(), at_provider=msgspec.structs.replace(seen, player_id=8))
    unsaid = msgspec.structs.replace(comparison(), at_provider=msgspec.structs.replace(seen, player_id=0))
    euros = msgspec.structs.replace(comparison(), at_provider=msgspec.structs.replace(seen, currency="EUR"))
    assert (kinds(other_player), kinds(unsaid)) == ({DiffKind.OTHER_PLAYER}, set())
    assert kinds(euros) == {DiffKind.OTHER_AMOUNT}


@pytest.mark.parametrize("at", [BEFORE, NOON])
def test_what_is_on_its_way_is_neither_a_diff_nor_repaired(at: datetime):
    for one in (
        comparison(state=None, at=at),
        comparison(taken=0, at=at),
        comparison(returned=10, at=at),
        comparison(state=BACK, at=at),
    ):
        assert compare(one, BEFORE) == []
        assert missing(one, BEFORE) == []


def test_what_is_lacking_takes_the_path_of_a_live_payment_and_refund():
    (payment,) = missing(comparison(state=None), BEFORE)
    assert isinstance(payment, RecordPayment)
    assert (payment.player_id, payment.charge_id, payment.amount, payment.paid_at) == (7, "c1", 10, EARLIER)
    (refund,) = missing(comparison(returned=10), BEFORE)
    assert isinstance(refund, RecordRefund)
    assert (refund.charge_id, refund.reason, refund.refunded_at) == ("c1", RefundReason.PROVIDER, EARLIER)
    assert [type(word) for word in missing(comparison(returned=10, state=None), BEFORE)] == [
        RecordPayment,
        RecordRefund,
    ]
    assert missing(comparison(returned=4), BEFORE) == [], "a part that went back is for a person"
    assert missing(comparison(taken=0, returned=10), BEFORE) == [], "what was never taken was not given back by us"


# -- totals and the balance ---------------------------------------------------------------------


@given(st.lists(st.sampled_from([comparison(), comparison(returned=10, state=BACK)]), max_size=20))
def test_totals_of_books_that_agree_agree(comparisons: list[ChargeComparison]):
    amounts = Amounts()
    for one in comparisons:
        amounts.add(one)
    rest = sum(one.ledger.taken - one.ledger.returned for one in comparisons)
    balance = Total(Book.LEDGER, "balance", "", "XTR", 0, rest)
    assert compare_totals(STARS, [*amounts.totals(), balance]) == []
    wrong = msgspec.structs.replace(balance, total=rest + 1)
    assert [diff.kind for diff in compare_totals(STARS, [*amounts.totals(), wrong])] == [DiffKind.TOTALS_DIFFER]


def test_totals_that_differ_are_told_by_product():
    totals = [
        Total(Book.PROVIDER, "taken", "ENERGY_10", "XTR", 3, 30),
        Total(Book.PURCHASES, "taken", "ENERGY_10", "XTR", 2, 20),
        Total(Book.LEDGER, "reversed", "MEGA_PACK_15", "XTR", 1, 15),
    ]
    assert [diff.line for diff in compare_totals(STARS, totals)] == [
        "TELEGRAM reversed, MEGA_PACK_15: purchases 0 with 0 XTR, ledger 1 with 15 XTR",
        "TELEGRAM taken, ENERGY_10: provider 3 with 30 XTR, purchases 2 with 20 XTR",
    ]


@given(st.lists(st.integers(-99, 99).filter(bool), max_size=8), st.integers(-50, 50))
def test_a_balance_is_even_when_the_list_came_to_it_at_some_instant(meanwhile: list[int], start: int):
    listed = start + sum(meanwhile)
    instants = set(itertools.accumulate(meanwhile, initial=start))
    for balance in range(min(instants) - 2, max(instants) + 3):
        assert BalanceCheck(balance, listed, tuple(meanwhile)).is_even == (balance in instants)
