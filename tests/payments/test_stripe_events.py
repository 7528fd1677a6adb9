"""What Stripe's events mean, one by one, and in any order (DOMAIN §6, Stripe)."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from shop import NOON, Shop, catalogue, kinds

from contracts.payments import (
    BuyProduct,
    Currency,
    HearStripeEvent,
    InvoiceOpened,
    Product,
    Provider,
    PurchaseCredited,
    PurchaseRefunded,
    RecordPayment,
    RecordRefund,
    RefundPurchase,
    RefundReason,
    ReviewRequired,
)
from contracts.payments import PurchaseState as S
from payments.domain.catalogue import Price
from payments.domain.purchase import Purchase
from payments.domain.stripe_events import HANDLED, JudgeRefunds, RefundsMoved, meaning
from payments.handlers.stripe import AskAboutRefunds

PURCHASE = UUID("0195dead-0000-7000-8000-00000000beef")
NOTES = {"purchase_id": str(PURCHASE), "player_id": "7"}
SESSION = {"id": "cs_1", "payment_intent": "pi_1", "payment_status": "paid", "amount_total": 299, "currency": "eur"}
DISPUTE = {"id": "du_1", "charge": "ch_1", "payment_intent": "pi_1", "status": "needs_response", "metadata": {}}
AT = int(NOON.timestamp())


def body(thing: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"id": "evt_1", "created": AT, "data": {"object": thing}, **more}, indent=2).encode()


def meant(kind: str, thing: dict[str, Any]) -> Any:
    return meaning(kind, body(thing), NOON)


# -- one by one ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["checkout.session.completed", "checkout.session.async_payment_succeeded"])
def test_a_paid_checkout_is_a_payment(kind: str) -> None:
    said = meant(kind, {**SESSION, "metadata": NOTES})
    assert said == RecordPayment(
        player_id=7,
        provider=Provider.STRIPE,
        charge_id="pi_1",
        payload=f"sq1:{PURCHASE.hex}",
        amount=299,
        currency="EUR",
        paid_at=NOON,
    )


@pytest.mark.parametrize("status", ["unpaid", "no_payment_required", None])
def test_a_finished_checkout_without_money_means_nothing(status: str | None) -> None:
    assert meant("checkout.session.completed", {**SESSION, "payment_status": status}) is None


@pytest.mark.parametrize(
    "kind", ["checkout.session.async_payment_failed", "checkout.session.expired", "charge.succeeded", "refund.created"]
)
def test_what_gives_and_takes_nothing_is_not_kept(kind: str) -> None:
    assert kind not in HANDLED
    assert meant(kind, SESSION) is None


@pytest.mark.parametrize("notes", [{}, None, {"purchase_id": "?", "player_id": "-7"}, {"player_id": "٣"}])
def test_money_without_our_notes_is_nobody_s_and_becomes_an_orphan(notes: Any) -> None:
    said = meant("checkout.session.completed", {**SESSION, "metadata": notes})
    assert (said.player_id, said.payload, said.amount) == (0, "", 299)


@pytest.mark.parametrize(
    ("kind", "thing", "charge_id"),
    [
        ("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1", "refunded": True, "metadata": NOTES}, "pi_1"),
        ("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1", "refunded": False, "metadata": NOTES}, "pi_1"),
        ("refund.updated", {"id": "re_1", "charge": "ch_1", "payment_intent": "pi_1", "status": "succeeded"}, "pi_1"),
        ("refund.failed", {"id": "re_1", "charge": "ch_1", "payment_intent": "pi_1", "status": "failed"}, "pi_1"),
        ("refund.updated", {"id": "re_1", "charge": "ch_1", "payment_intent": None}, "ch_1"),
        ("charge.refunded", {"id": "ch_1", "payment_intent": None}, "ch_1"),
    ],
)
def test_a_refund_s_event_is_a_reason_to_ask(kind: str, thing: dict[str, Any], charge_id: str) -> None:
    said = meant(kind, thing)
    assert isinstance(said, RefundsMoved)
    assert said.charge_id == charge_id


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("charge.dispute.created", "needs_response"),
        ("charge.dispute.funds_withdrawn", "needs_response"),
        ("charge.dispute.funds_withdrawn", "warning_needs_response"),
        ("charge.dispute.closed", "lost"),
        ("charge.dispute.created", "lost"),
    ],
)
def test_a_dispute_takes_the_money(kind: str, status: str) -> None:
    said = meant(kind, {**DISPUTE, "status": status})
    assert said == RecordRefund(
        player_id=0, provider=Provider.STRIPE, charge_id="pi_1", reason=RefundReason.DISPUTE, refunded_at=NOON
    )


@pytest.mark.parametrize(
    ("kind", "status"), [("charge.dispute.closed", "won"), ("charge.dispute.created", "warning_needs_response")]
)
def test_a_dispute_that_took_nothing_is_looked_at_by_a_person(kind: str, status: str) -> None:
    said = meant(kind, {**DISPUTE, "status": status})
    assert isinstance(said, ReviewRequired)
    assert said.charge_id == "pi_1"


def test_an_inquiry_that_came_to_nothing_means_nothing() -> None:
    assert meant("charge.dispute.closed", {**DISPUTE, "status": "warning_closed"}) is None


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"created": 1}', b'{"created": 1, "data": {"object": []}}'])
def test_what_is_no_event_is_an_error(raw: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        meaning("charge.refunded", raw, NOON)


# -- in the shop -----------------------------------------------------------------------------------


class WebShop(Shop):
    """The shop, with Stripe's side of one payment: events are made from it, effects ask it."""

    def __init__(self) -> None:
        super().__init__()
        shipped = catalogue()
        euros = tuple(Price(one.product, Currency.EUR, 1, 299) for one in shipped.prices)
        self.catalogue = msgspec.structs.replace(shipped, prices=shipped.prices + euros)
        self.refunds = {"returned": 0, "pending": 0, "failure": ""}
        self.count = 0

    def open(self) -> Purchase:
        answer = self.do(BuyProduct(player_id=7, product=Product.ENERGY_10, currency=Currency.EUR, surface="web-en"))
        assert (answer.amount, answer.currency, answer.surface) == (299, Currency.EUR, "web-en")
        return self.purchases[answer.purchase_id]

    def hear(self, kind: str, thing: dict[str, Any], event_id: str = "") -> None:
        """An event, once more for each call unless it has an id; then what it makes us ask Stripe."""
        self.count += 1
        event_id = event_id or f"evt_{self.count}"
        raw = msgspec.Raw(body(thing, type=kind))
        self.do(HearStripeEvent(event_id=event_id, kind=kind, event=raw), f"stripe:{event_id}")
        for effect in [one for one in self.effects if isinstance(one, AskAboutRefunds)]:
            self.effects.remove(effect)
            self.do(
                JudgeRefunds(
                    charge_id=effect.charge_id,
                    player_id=effect.player_id,
                    taken=299,
                    returned_at=datetime.now(UTC),
                    **self.refunds,  # type: ignore[arg-type]
                )
            )

    def paid(self, purchase: Purchase, event_id: str = "") -> None:
        notes = {"purchase_id": str(purchase.purchase_id), "player_id": "7"}
        self.hear("checkout.session.completed", {**SESSION, "metadata": notes}, event_id)

    def refunded(self, event_id: str = "") -> None:
        self.hear("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1", "metadata": {"player_id": "7"}}, event_id)

    def state(self, purchase: Purchase) -> S:
        return self.purchases[purchase.purchase_id].state


@pytest.fixture
def shop() -> WebShop:
    return WebShop()


def test_a_purchase_on_the_web_is_credited_once(shop: WebShop) -> None:
    purchase = shop.open()
    for _ in range(3):
        shop.paid(purchase)
    shop.paid(purchase, "evt_1")
    assert shop.state(purchase) is S.CREDITED
    assert len(shop.said(PurchaseCredited)) == 1
    assert [entry.asset for entry in shop.ledger[0].entries] == ["EUR", "EUR", "PAID_ENERGY", "PAID_ENERGY"]


def test_a_second_tap_gets_the_same_invoice_and_its_language(shop: WebShop) -> None:
    first = shop.open()
    again = shop.do(BuyProduct(player_id=7, product=Product.ENERGY_10, currency=Currency.EUR, surface="web-de"))
    assert (again.purchase_id, again.surface) == (first.purchase_id, "web-en")
    assert [event.again for event in shop.said(InvoiceOpened)] == [False, True]


def test_a_refusal_is_answered_too(shop: WebShop) -> None:
    answer = shop.do(BuyProduct(player_id=7, product=Product.ENERGY_10, currency=Currency.USD))
    assert (answer.purchase_id, answer.refusal) == (None, "no_price")


def test_every_order_of_payment_refund_and_dispute_ends_refunded() -> None:
    for order in itertools.permutations(["paid", "refunded", "created", "lost"]):
        shop = WebShop()
        purchase = shop.open()
        shop.refunds["returned"] = 299
        for what in [*order, *order]:
            if what == "paid":
                shop.paid(purchase)
            elif what == "refunded":
                shop.refunded()
            else:
                kind = "charge.dispute.created" if what == "created" else "charge.dispute.closed"
                shop.hear(kind, {**DISPUTE, "status": "lost" if what == "lost" else "needs_response"})
        assert shop.state(purchase) is S.REFUNDED, order
        # An asset's sum is 0, and the house has neither the money nor the goods twice.
        assert sum(1 for kind in kinds(shop) if kind == "REFUND") == 1, order
        assert len(shop.said(PurchaseRefunded)) <= 1


def test_a_pending_refund_takes_nothing_back_until_it_is_settled(shop: WebShop) -> None:
    purchase = shop.open()
    shop.paid(purchase)
    shop.do(RefundPurchase(player_id=7, purchase_id=purchase.purchase_id, reason=RefundReason.OPERATOR))
    shop.refunds["pending"] = 299
    shop.refunded()
    assert shop.state(purchase) is S.REFUND_PENDING
    shop.refunds |= {"pending": 0, "returned": 299}
    shop.hear("refund.updated", {"id": "re_1", "payment_intent": "pi_1", "status": "succeeded"})
    assert shop.state(purchase) is S.REFUNDED
    # Why it was begun is why it went back, whoever told of it.
    assert shop.said(PurchaseRefunded)[0].reason is RefundReason.OPERATOR


def test_a_refund_that_fails_stays_pending_even_when_old_news_comes_after_it(shop: WebShop) -> None:
    purchase = shop.open()
    shop.paid(purchase)
    shop.do(RefundPurchase(player_id=7, purchase_id=purchase.purchase_id, reason=RefundReason.OPERATOR))
    shop.refunds["failure"] = "declined"
    shop.hear("refund.failed", {"id": "re_1", "payment_intent": "pi_1", "status": "failed"})
    shop.refunded()  # told when it was made, and only heard now
    assert shop.state(purchase) is S.REFUND_PENDING
    assert "declined" in shop.said(ReviewRequired)[0].reason
    assert shop.said(ReviewRequired)[0].purchase_id == purchase.purchase_id


def test_a_refund_in_part_is_looked_at_by_a_person(shop: WebShop) -> None:
    purchase = shop.open()
    shop.paid(purchase)
    shop.refunds["returned"] = 99
    shop.refunded()
    assert shop.state(purchase) is S.CREDITED
    assert "99 of 299" in shop.said(ReviewRequired)[0].reason


def test_a_refund_that_comes_back_after_all_is_told(shop: WebShop) -> None:
    purchase = shop.open()
    shop.paid(purchase)
    shop.refunds["returned"] = 299
    shop.refunded()
    shop.refunds |= {"returned": 0, "failure": "lost_or_stolen_card"}
    shop.hear("refund.failed", {"id": "re_1", "payment_intent": "pi_1", "status": "failed"})
    assert shop.state(purchase) is S.REFUNDED
    assert "our books say all of it" in shop.said(ReviewRequired)[0].reason
