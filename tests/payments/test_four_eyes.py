"""What one operator alone may not do with money (DOMAIN §13): the bounds, and that the endpoints ask for them."""

import pytest

from contracts.payments import Currency
from devstack.stack import load_specs
from payments.domain.four_eyes import why_price_waits, why_refund_waits


@pytest.mark.parametrize(
    ("amount", "currency", "waits"),
    [(500, Currency.XTR, False), (501, Currency.XTR, True), (1_000, Currency.EUR, False), (1_001, Currency.EUR, True)],
)
def test_a_refund_over_500_stars_waits(amount: int, currency: Currency, waits: bool) -> None:
    assert bool(why_refund_waits(amount, currency)) is waits


@pytest.mark.parametrize(
    ("before", "after", "waits"),
    [(10, 15, False), (10, 16, True), (10, 5, False), (10, 4, True), (15, 22, False), (15, 23, True), (None, 1, False)],
)
def test_a_change_of_a_price_over_half_of_it_waits(before: int | None, after: int, waits: bool) -> None:
    assert bool(why_price_waits(before, after)) is waits


def test_these_endpoints_have_a_second_operator() -> None:
    found = {
        f"{spec.name}.{admin.noun}.{admin.verb}" for spec in load_specs() for admin in spec.actor.admins if admin.second
    }
    assert found == {
        "payments.refund.start",
        "payments.refund.orphan",
        "payments.review.refund",
        "payments.catalogue.set_price",
        "referrals.payout.approve",
    }
