"""Whatever happens in whatever order: no charge is credited twice, none is lost (DOMAIN §6).

Hypothesis plays players, Telegram, operators and time against payments' real handlers: events are lost to crashes
between two turns, repeated under the same id and under other ones, swapped, and come long after.
"""

from collections import Counter
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from shop import Shop, payment, refund

from contracts.payments import (
    BuyProduct,
    CheckPreCheckout,
    EntitlementGranted,
    EntitlementRevoked,
    InvoiceOpened,
    LapseInvoice,
    Product,
    PurchaseCredited,
    RecordInvoiceSent,
    RecoverPurchase,
    RefundOrphan,
    RefundPurchase,
    RefundReason,
    ResolveReview,
)
from contracts.payments import PurchaseState as S
from payments.domain.charge import ChargeState
from payments.domain.ledger import Kind

_PLAYERS = (7, 8)
_UNCREDITED = (S.PAID_UNCREDITED, S.REVIEW, S.REFUND_PENDING)


class Till(RuleBasedStateMachine):
    """Everything that may happen around money."""

    invoices: Bundle[Any] = Bundle("invoices")
    charges: Bundle[Any] = Bundle("charges")

    @initialize()
    def open_shop(self) -> None:
        self.shop = Shop()
        self.taken: dict[str, Any] = {}

    # -- players and Telegram -------------------------------------------------------------------

    @rule(target=invoices, player_id=st.sampled_from(_PLAYERS), product=st.sampled_from(list(Product)))
    def buy(self, player_id: int, product: Product) -> Any:
        self.shop.send(BuyProduct(player_id=player_id, product=product))
        opened = [event for event in self.shop.said(InvoiceOpened) if event.player_id == player_id]
        return self.shop.purchases[opened[-1].purchase_id] if opened else None

    @rule(invoice=invoices)
    def show_invoice(self, invoice: Any) -> None:
        if invoice is not None:
            self.shop.send(RecordInvoiceSent(player_id=invoice.player_id, purchase_id=invoice.purchase_id))

    @rule(invoice=invoices)
    def ask_to_pay(self, invoice: Any) -> None:
        if invoice is not None:
            amount, player_id = invoice.amount, invoice.player_id
            self.shop.send(
                CheckPreCheckout(
                    player_id=player_id, query_id="q", payload=invoice.payload, amount=amount, currency="XTR"
                )
            )

    @rule(target=charges, invoice=invoices, fits=st.booleans())
    def pay(self, invoice: Any, fits: bool) -> Any:
        """Telegram takes money; word of it may come now, later, or never by itself."""
        if invoice is None:
            return None
        charge_id = f"stx{len(self.taken)}"
        message = payment(invoice, charge_id, self.shop.now, **({} if fits else {"payload": "altered"}))
        self.taken[charge_id] = message
        return message

    @rule(charge=charges, again=st.sampled_from(["same id", "new id"]))
    def tell_of_payment(self, charge: Any, again: str) -> None:
        if charge is not None:
            self.shop.send(charge, f"tg:{charge.charge_id}" if again == "same id" else None)

    @rule(charge=charges)
    def tell_of_refund(self, charge: Any) -> None:
        if charge is not None:
            self.shop.send(refund(charge.charge_id, charge.player_id))

    # -- operators, jobs, crashes, time ---------------------------------------------------------

    @rule(charge=charges, reason=st.sampled_from(list(RefundReason)))
    def want_refund(self, charge: Any, reason: RefundReason) -> None:
        known = self.shop.charges.get(charge.charge_id) if charge is not None else None
        if known is not None and known.purchase_id is not None:
            wish = RefundPurchase(player_id=known.player_id, purchase_id=known.purchase_id, reason=reason)
            self.shop.send(wish)
        elif known is not None:
            self.shop.send(RefundOrphan(player_id=known.player_id, charge_id=known.charge_id, reason=reason))

    @rule()
    def recover(self) -> None:
        for purchase in list(self.shop.purchases.values()):
            self.shop.send(RecoverPurchase(player_id=purchase.player_id, purchase_id=purchase.purchase_id))

    @rule()
    def sweep(self) -> None:
        for purchase in list(self.shop.purchases.values()):
            self.shop.send(LapseInvoice(player_id=purchase.player_id, purchase_id=purchase.purchase_id))

    @rule(invoice=invoices)
    def resolve(self, invoice: Any) -> None:
        if invoice is not None:
            wish = ResolveReview(player_id=invoice.player_id, purchase_id=invoice.purchase_id, note="looked at it")
            self.shop.send(wish)

    @rule(number=st.integers(0, 20))
    def hear_one_of_its_own(self, number: int) -> None:
        if self.shop.pending:
            identifier, message = self.shop.pending.pop(number % len(self.shop.pending))
            self.shop.send(message, identifier)

    @rule(number=st.integers(0, 20))
    def hear_one_of_its_own_twice(self, number: int) -> None:
        if self.shop.pending:
            identifier, message = self.shop.pending[number % len(self.shop.pending)]
            self.shop.send(message, identifier)
            self.shop.send(message, f"{identifier}-again")

    @rule()
    def lose_what_is_under_way(self) -> None:
        self.shop.pending.clear()

    @rule(minutes=st.sampled_from([1, 20, 45, 60 * 24 * 8]))
    def wait(self, minutes: int) -> None:
        self.shop.wait(minutes=minutes)

    # -- what must hold -------------------------------------------------------------------------

    @invariant()
    def no_charge_is_credited_twice(self) -> None:
        credited = Counter(event.charge_id for event in self.shop.said(PurchaseCredited))
        assert all(count == 1 for count in credited.values()), credited
        grants = Counter(event.grant_id for event in self.shop.said(EntitlementGranted))
        assert all(count == 1 for count in grants.values()), grants
        revoked = Counter(event.grant_id for event in self.shop.said(EntitlementRevoked))
        assert all(count == 1 for count in revoked.values()), revoked

    @invariant()
    def every_charge_that_was_told_is_somewhere(self) -> None:
        for charge_id, charge in self.shop.charges.items():
            if charge.purchase_id is None:
                assert charge.state in (ChargeState.ORPHAN, ChargeState.REFUND_PENDING, ChargeState.REFUNDED)
                continue
            purchase = self.shop.purchases[charge.purchase_id]
            assert purchase.charge_id == charge_id
            assert (purchase.state is S.REFUNDED) == (charge.state is ChargeState.REFUNDED)

    @invariant()
    def the_ledger_knows_what_happened(self) -> None:
        by_charge: dict[str, list[Kind]] = {}
        for transaction in self.shop.ledger:
            assert transaction.charge_id is not None
            by_charge.setdefault(transaction.charge_id, []).append(transaction.kind)
        for charge in self.shop.charges.values():
            purchase = self.shop.purchases.get(charge.purchase_id)
            assert by_charge.get(charge.charge_id, []) == _expected(charge, purchase)

    def teardown(self) -> None:
        """In the end everything is told, heard and recovered: no charge is left in between."""
        for message in self.taken.values():
            self.shop.send(message)
        for _ in range(6):
            self.shop.settle()
            self.recover()
        self.shop.settle()
        for charge_id, message in self.taken.items():
            charge = self.shop.charges[charge_id]
            assert charge.amount == message.amount
            purchase = self.shop.purchases.get(charge.purchase_id)
            assert purchase is None or purchase.state is not S.PAID_UNCREDITED


def _expected(charge: Any, purchase: Any) -> list[Kind]:
    """Which transactions the ledger must have for a charge."""
    if charge.paid_at is None or (purchase is None and charge.state is not ChargeState.REFUNDED):
        return []
    if purchase is None:
        return [Kind.RECEIPT, Kind.REFUND]
    if purchase.state is S.REFUNDED:
        return [Kind.SALE if purchase.credited_at is not None else Kind.RECEIPT, Kind.REFUND]
    return [Kind.SALE] if purchase.credited_at is not None else []


TestTill = Till.TestCase
TestTill.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
