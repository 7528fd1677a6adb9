"""The ledger of commissions in any order of credits, refunds, holds, payouts and time: even, and nobody overpaid."""

from uuid import uuid4

from commission_parts import DAY, NOON, PARTNER, partner, request, sale
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from contracts.referrals import CommissionState, PayoutKind, PayoutState
from referrals.domain.affiliates import payout as rules
from referrals.domain.affiliates.ledger import COMMISSION, PAID, Account, Transaction
from referrals.domain.affiliates.payout import Payout
from referrals.domain.affiliates.sale import Sale


class Books(RuleBasedStateMachine):
    """Credits, refunds, Telegram's word, holds, payouts and time in any order: the ledger is even, nobody overpaid."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.who = partner()
        self.sales: list[Sale] = []
        self.payouts: list[Payout] = []
        self.booked: dict[str, Transaction] = {}
        self.approvals: list[tuple[int, int]] = []

    def book(self, transaction: Transaction | str | None) -> None:
        if isinstance(transaction, Transaction):
            assert transaction.idempotency_key not in self.booked, "booked twice"
            self.booked[transaction.idempotency_key] = transaction
            self.who.purse = self.who.purse.after(transaction, PARTNER)

    def settle(self, one: Sale, *, mature: bool = False) -> None:
        self.book(one.settle(self.who, NOON, uuid4(), self.now, may_mature=mature))

    @rule(stars=st.integers(0, 20_000))
    def credit(self, stars: int) -> None:
        self.sales.append(sale(stars, self.now))
        self.settle(self.sales[-1])

    @rule(data=st.data(), telegrams=st.booleans())
    def take_back(self, data: st.DataObject, telegrams: bool) -> None:
        if self.sales:
            one = data.draw(st.sampled_from(self.sales))
            if telegrams:
                one.is_telegrams = True
            else:
                one.hear_refund(self.now)
            self.settle(one)

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        self.now += days * DAY
        for one in self.sales:
            self.settle(one, mature=True)

    @rule(held=st.booleans())
    def hold(self, held: bool) -> None:
        self.who.held_since = self.now if held else None

    @rule(months=st.sampled_from([0, 3, 6, 12]))
    def ask(self, months: int) -> None:
        kind = PayoutKind.PREMIUM_GIFT if months else PayoutKind.EXTERNAL
        if rules.refusal(self.who, kind, months) is None:
            self.payouts.append(request(self.who, kind, months))

    @rule()
    def approve(self) -> None:
        for one in self.payouts:
            payable = self.who.purse.payable
            outcome = one.approve(self.who, uuid4(), self.now)
            self.book(outcome)
            if isinstance(outcome, Transaction):
                self.approvals.append((one.stars, payable))

    @rule(data=st.data(), sent=st.booleans())
    def end(self, data: st.DataObject, sent: bool) -> None:
        standing = [one for one in self.payouts if one.state is PayoutState.APPROVED]
        if standing:
            one = data.draw(st.sampled_from(standing))
            self.book(one.send(uuid4(), self.now) if sent else one.end(PayoutState.FAILED, "", uuid4(), self.now))
            self.who.open_payout = None

    @rule(data=st.data())
    def shows_up_after_all(self, data: st.DataObject) -> None:
        failed = [one for one in self.payouts if one.state is PayoutState.FAILED]
        if failed:
            self.book(data.draw(st.sampled_from(failed)).send(uuid4(), self.now))

    @invariant()
    def the_books_are_even(self) -> None:
        accounts: dict[str, int] = {}
        for transaction in self.booked.values():
            for entry in transaction.entries:
                accounts[entry.account] = accounts.get(entry.account, 0) + entry.amount
        assert sum(accounts.values()) == 0
        purse = self.who.purse
        assert accounts.get(Account.PENDING.of(PARTNER), 0) == purse.pending >= 0
        assert accounts.get(Account.PAYABLE.of(PARTNER), 0) == purse.payable
        assert accounts.get(Account.IN_PAYOUT.of(PARTNER), 0) == purse.in_payout >= 0
        assert accounts.get(PAID, 0) == purse.paid
        standing = [one for one in self.sales if one.state in (CommissionState.PENDING, CommissionState.PAYABLE)]
        assert -accounts.get(COMMISSION, 0) == sum(one.commission for one in standing)
        assert all(stars <= payable for stars, payable in self.approvals)
        assert purse.paid == sum(one.stars for one in self.payouts if one.state is PayoutState.SENT)

    @invariant()
    def a_commission_stands_as_its_purchase_does(self) -> None:
        for one in self.sales:
            stands = one.state in (CommissionState.PENDING, CommissionState.PAYABLE)
            assert not stands or (one.refunded_at is None and not one.is_telegrams)


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
