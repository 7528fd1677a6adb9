"""The ledger's rules: what each event does to the accounts, and that nothing out of balance can be made."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.payments import Currency, Product, Provider
from payments.domain import given as giving
from payments.domain import ledger
from payments.domain.ledger import Asset, Entry, House, Kind, Transaction
from payments.domain.products import GIFTS, Gift, gives

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
ID, PURCHASE = UUID(int=1), UUID(int=2)
STARS, STRIPE = "house:PROVIDER_CLEARING:TELEGRAM", "house:PROVIDER_CLEARING:STRIPE"

ids = st.uuids()
players = st.integers(1, 2**53)
amounts = st.integers(1, 2**40)
products = st.sampled_from(Product)
providers = st.sampled_from(Provider)
currencies = st.sampled_from([*Currency, "CHF"])
charges = st.text(min_size=1, max_size=128)
payments = st.fixed_dictionaries(
    {
        "purchase_id": ids,
        "charge_id": charges,
        "player_id": players,
        "provider": providers,
        "amount": amounts,
        "currency": currencies,
    }
)


def balances(*transactions: Transaction) -> dict[tuple[str, str], int]:
    """What is in which account after these, without what came to nothing."""
    found: defaultdict[tuple[str, str], int] = defaultdict(int)
    for entry in legs(transactions):
        found[entry.account, entry.asset] += entry.amount
    return {key: amount for key, amount in found.items() if amount}


def legs(transactions: Iterable[Transaction]) -> list[Entry]:
    return [entry for transaction in transactions for entry in transaction.entries]


def sale(payment: dict[str, Any], product: Product) -> Transaction:
    return ledger.sale(transaction_id=ID, product=product, at=NOON, **payment)


def refund(payment: dict[str, Any], product: Product | None) -> Transaction:
    return ledger.refund(transaction_id=ID, product=product, at=NOON, **payment)


# -- what a product gives -----------------------------------------------------------------------


def test_every_product_gives_what_the_catalogue_says():
    assert {product: gives(product) for product in Product} == {
        Product.ENERGY_10: Gift(paid_energy=10),
        Product.MEGA_PACK_15: Gift(paid_energy=15, mode_hours=24),
        Product.STREAK_SAVER_20: Gift(saver_tokens=1),
        Product.DUEL_TICKET_5: Gift(duel_tickets=1),
        Product.PREMIUM_STARTER: Gift(premium_days=7, premium_rank=1),
        Product.PREMIUM_MONTH: Gift(premium_days=30, premium_rank=2),
        Product.PREMIUM_SEASON: Gift(premium_days=90, premium_rank=3),
        Product.PREMIUM_YEAR: Gift(premium_days=365, premium_rank=4),
    }
    assert all((gift.premium_rank > 0) == gift.is_premium for gift in GIFTS.values())


# -- what each event does -----------------------------------------------------------------------


def test_a_sale_moves_money_and_goods():
    payment = {"purchase_id": PURCHASE, "charge_id": "c", "player_id": 42, "provider": Provider.TELEGRAM}
    sold = sale({**payment, "amount": 15, "currency": Currency.XTR}, Product.MEGA_PACK_15)
    assert sold.entries == (
        Entry(STARS, "XTR", 15),
        Entry("house:SALES", "XTR", -15),
        Entry("player:42", "PAID_ENERGY", 15),
        Entry("house:SALES", "PAID_ENERGY", -15),
        Entry("player:42", "MODE_HOURS", 24),
        Entry("house:SALES", "MODE_HOURS", -24),
    )
    assert (sold.kind, sold.idempotency_key, sold.reason) == (Kind.SALE, f"sale:{PURCHASE}", "MEGA_PACK_15")


def test_premium_is_sold_in_days_and_web_money_is_with_stripe():
    payment = {"purchase_id": PURCHASE, "charge_id": "c", "player_id": 42, "provider": Provider.STRIPE}
    assert balances(sale({**payment, "amount": 499, "currency": "EUR"}, Product.PREMIUM_MONTH)) == {
        (STRIPE, "EUR"): 499,
        ("house:SALES", "EUR"): -499,
        ("player:42", "PREMIUM_DAYS"): 30,
        ("house:SALES", "PREMIUM_DAYS"): -30,
    }


@given(payments, products)
def test_a_refunded_sale_leaves_nothing_with_player_and_provider(payment: dict[str, Any], product: Product):
    sold, back = sale(payment, product), refund(payment, product)
    assert (back.kind, back.idempotency_key) == (Kind.REFUND, f"refund:{payment['charge_id']}")
    left = balances(sold, back)
    assert {account for account, _ in left} == {House.SALES, House.REFUNDS}
    assert left[House.REFUNDS, payment["currency"]] == payment["amount"]


@given(payments)
def test_money_that_bought_nothing_comes_and_goes_without_a_trace(payment: dict[str, Any]):
    unknown: dict[str, Any] = {**payment, "player_id": 0, "purchase_id": None}
    came, went = ledger.receipt(transaction_id=ID, at=NOON, **unknown), refund(unknown, None)
    assert balances(came)[House.REFUNDS, payment["currency"]] == -payment["amount"]
    assert balances(came, went) == {}
    assert came.idempotency_key == f"receipt:{payment['charge_id']}"


@given(players, st.dictionaries(st.sampled_from(Asset), st.integers(0, 10**6), min_size=1))
def test_what_is_missing_is_owed(player_id: int, missing: dict[Asset, int]):
    def owe() -> Transaction:
        return ledger.debt(transaction_id=ID, grant_id=PURCHASE, player_id=player_id, missing=missing, at=NOON)

    if not any(missing.values()):
        with pytest.raises(ValueError, match="without entries"):
            owe()
        return
    owed = balances(owe())
    assert {asset: amount for (account, asset), amount in owed.items() if account == f"debt:{player_id}"} == {
        asset: amount for asset, amount in missing.items() if amount
    }
    assert {account for account, _ in owed} == {f"debt:{player_id}", House.REFUNDS}
    assert (owe().idempotency_key, owe().purchase_id) == (f"debt:{PURCHASE}", PURCHASE)


@pytest.mark.parametrize("source", ["PROMO", "REFERRAL"])
def test_premium_days_are_given_by_promo_or_referral(source: str):
    given_days = giving.grant(
        transaction_id=ID, player_id=42, days=30, source=source, reason="code", idempotency_key="admin:7", at=NOON
    )
    assert balances(given_days) == {("player:42", "PREMIUM_DAYS"): 30, (f"house:{source}", "PREMIUM_DAYS"): -30}
    assert given_days.idempotency_key == "grant:admin:7"


# -- what cannot be made ------------------------------------------------------------------------


@given(payments, products, st.data())
def test_a_transaction_out_of_balance_cannot_be_made(payment: dict[str, Any], product: Product, data: st.DataObject):
    entries = list(sale(payment, product).entries)
    place = data.draw(st.integers(0, len(entries) - 1))
    wrong = entries[place]
    entries[place] = Entry(wrong.account, wrong.asset, data.draw(st.integers().filter(lambda n: n != wrong.amount)))
    with pytest.raises(ValueError, match=f"^{wrong.asset}: "):
        msgspec.structs.replace(sale(payment, product), entries=tuple(entries))


def test_an_account_has_one_entry_per_asset():
    twice = (Entry("player:1", "XTR", 1), Entry("player:1", "XTR", 1), Entry("house:SALES", "XTR", -2))
    payment = {"purchase_id": PURCHASE, "charge_id": "c", "player_id": 1, "provider": Provider.TELEGRAM}
    sold = sale({**payment, "amount": 5, "currency": "XTR"}, Product.DUEL_TICKET_5)
    with pytest.raises(ValueError, match="player:1"):
        msgspec.structs.replace(sold, entries=twice)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"amount": 0}, "XTR: 0"),
        ({"amount": -5}, "XTR: -5"),
        ({"currency": "xtr"}, "currency 'xtr'"),
        ({"currency": ""}, "currency ''"),
        ({"player_id": 0}, "player_id 0"),
    ],
)
def test_impossible_sales_name_what_is_wrong(wrong: dict[str, Any], named: str):
    payment = {"purchase_id": PURCHASE, "charge_id": "c", "player_id": 1, "provider": Provider.TELEGRAM}
    with pytest.raises(ValueError, match=named):
        sale({**payment, "amount": 5, "currency": "XTR", **wrong}, Product.DUEL_TICKET_5)


def test_a_grant_has_days_and_a_known_source():
    given_by: dict[str, Any] = {"transaction_id": ID, "player_id": 1, "reason": "", "idempotency_key": "k", "at": NOON}
    with pytest.raises(ValueError, match="source 'SALES': expected one of PROMO, REFERRAL"):
        giving.grant(days=7, source="SALES", **given_by)
    with pytest.raises(ValueError, match="PREMIUM_DAYS: 0"):
        giving.grant(days=0, source="PROMO", **given_by)
