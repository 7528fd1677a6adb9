"""A partner, those whom they brought, and what payments says of it, on referrals' own stage."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from referring_stage import NOON, Pool, Stage

from contracts.payments import (
    AffiliateCommissionTaken,
    Currency,
    GiftState,
    GiftView,
    Product,
    Provider,
    PurchaseCredited,
    PurchaseRefunded,
    PurchaseRestated,
    RefundReason,
    StarSale,
)
from contracts.referrals import DecidePartner, PartnerState, PayoutKind, RequestPayout
from referrals.domain.affiliates.partner import Partner
from referrals.domain.affiliates.payout import Payout
from referrals.domain.affiliates.sale import PENDING_FOR, Sale
from referrals.handlers.commission_jobs import compare_sales, look_after_payouts, settle_commissions
from referrals.providers.payments_sales import PaymentsSales
from referrals.store.commissions import PARTNERS, PAYOUTS, SALES_TABLE

PARTNER = 700
BUYER = 800
BOOKS_SQL = """
select (select coalesce(sum(amount), 0) from ledger_entries) as rest,
    (select coalesce(-sum(amount), 0) from ledger_entries where account = 'house:COMMISSION') as booked,
    (select coalesce(sum(commission), 0) from sales where state in ('PENDING', 'PAYABLE')) as standing,
    (select coalesce(sum(amount), 0) from ledger_entries where account = 'house:PAID') as paid,
    (select coalesce(sum(stars), 0) from payouts where state = 'SENT') as sent,
    (select count(*) from (
        select account, sum(amount) as total from ledger_entries group by account
    ) as e full join ledger_balances as b using (account) where e.total is distinct from b.balance) as differing,
    (select count(*) from partners as p where array[purse_pending, purse_payable, purse_in_payout] is distinct from (
        select array[coalesce(sum(balance) filter (where account = 'pending:' || p.player_id), 0),
            coalesce(sum(balance) filter (where account = 'payable:' || p.player_id), 0),
            coalesce(sum(balance) filter (where account = 'in_payout:' || p.player_id), 0)]::bigint[]
        from ledger_balances)) as purses
"""


class Payments:
    """Payments' books, as referrals asks for them."""

    def __init__(self) -> None:
        self.stand: dict[UUID, StarSale] = {}
        self.gifts_known: dict[UUID, GiftView] = {}

    async def sales(self, since: datetime) -> Any:
        found = [one for one in self.stand.values() if one.changed_at >= since]
        if found:
            yield found

    async def named_sales(self, ids: Any) -> dict[UUID, StarSale]:
        return {one: self.stand[one] for one in ids if one in self.stand}

    async def gifts(self, ids: Any) -> dict[UUID, GiftView]:
        return {one: self.gifts_known[one] for one in ids if one in self.gifts_known}


class AffiliateStage(Stage):
    """One partner and one buyer, unless said otherwise."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.payments = Payments()
        self.resources[PaymentsSales] = self.payments

    async def enrol(self, player_id: int = PARTNER) -> None:
        await self.take(DecidePartner(player_id=player_id, state=PartnerState.APPROVED, enrol=True, note="a school"))

    async def come(self, player_id: int = BUYER, partner_id: int = PARTNER) -> None:
        """A new player comes by the partner's link."""
        partner = await self.pool.fetchval("select code from members where player_id = $1", partner_id)
        await self.take(self.touch(player_id, partner), self.joined(player_id))

    # -- what payments says ---------------------------------------------------------------------

    def credited(
        self, purchase_id: UUID | None = None, *, stars: int = 99, player_id: int = BUYER, **more: Any
    ) -> PurchaseCredited:
        """A credited purchase; payments' books have it too."""
        said = PurchaseCredited(
            player_id=player_id,
            purchase_id=purchase_id or uuid4(),
            product=Product.PREMIUM_MONTH,
            amount=stars,
            currency=Currency.XTR,
            provider=Provider.TELEGRAM,
            charge_id="c1",
            credited_at=self.clock.now(),
            **more,
        )
        self.payments.stand[said.purchase_id] = StarSale(
            purchase_id=said.purchase_id,
            player_id=player_id,
            stars=stars,
            credited_at=said.credited_at,
            affiliate=said.affiliate,
            changed_at=said.credited_at,
        )
        return said

    def refunded(self, of: PurchaseCredited) -> PurchaseRefunded:
        at = self.clock.now()
        self._change(of, refunded_at=at)
        return PurchaseRefunded(
            player_id=of.player_id,
            purchase_id=of.purchase_id,
            product=of.product,
            amount=of.amount,
            currency=of.currency,
            charge_id=of.charge_id,
            reason=RefundReason.OPERATOR,
            refunded_at=at,
            was_credited=True,
        )

    def taken(self, of: PurchaseCredited) -> AffiliateCommissionTaken:
        self._change(of, affiliate=True)
        return AffiliateCommissionTaken(
            player_id=of.player_id,
            purchase_id=of.purchase_id,
            charge_id=of.charge_id,
            commission=5,
            at=self.clock.now(),
        )

    def restated(self, of: PurchaseCredited) -> PurchaseRestated:
        stand = self.payments.stand[of.purchase_id]
        return PurchaseRestated(
            hearer="referrals",
            player_id=of.player_id,
            purchase_id=of.purchase_id,
            product=of.product,
            amount=of.amount,
            currency=of.currency,
            provider=of.provider,
            charge_id=of.charge_id,
            credited_at=of.credited_at,
            refunded_at=stand.refunded_at,
            affiliate=stand.affiliate,
            as_of=self.clock.now(),
        )

    def _change(self, of: PurchaseCredited, **facts: Any) -> None:
        stand = self.payments.stand[of.purchase_id]
        changed = msgspec.structs.replace(stand, changed_at=self.clock.now(), **facts)
        self.payments.stand[of.purchase_id] = changed

    # -- jobs and payouts -----------------------------------------------------------------------

    async def settle(self) -> None:
        await self.run(settle_commissions.due())

    async def compare(self) -> None:
        await self.run(compare_sales.due())

    async def look_after(self) -> None:
        await self.run(look_after_payouts.due())

    async def earn(self, stars: int) -> PurchaseCredited:
        """So many Stars were bought for, 30 days ago: the commission is payable."""
        bought = self.credited(stars=stars)
        await self.take(bought)
        self.wait(seconds=PENDING_FOR.total_seconds())
        await self.settle()
        return bought

    async def ask(self, kind: PayoutKind = PayoutKind.EXTERNAL, months: int = 0) -> Payout:
        await self.take(RequestPayout(player_id=PARTNER, kind=kind, months=months))
        return (await self.payouts())[-1]

    def gift(self, payout: Payout, state: GiftState, reason: str = "") -> None:
        """Payments knows of a gift."""
        self.payments.gifts_known[payout.payout_id] = GiftView(
            gift_id=payout.payout_id,
            player_id=payout.player_id,
            months=payout.months,
            stars=payout.stars,
            state=state,
            asked_at=NOON,
            settled_at=self.clock.now() if state in (GiftState.GIVEN, GiftState.FAILED) else None,
            reason=reason,
        )

    # -- what stands ----------------------------------------------------------------------------

    async def partner(self, player_id: int = PARTNER) -> Partner:
        return PARTNERS.state_of(await self.pool.fetchrow(f"{PARTNERS.select} where player_id = $1", player_id))

    async def sale(self, of: PurchaseCredited) -> Sale:
        return SALES_TABLE.state_of(
            await self.pool.fetchrow(f"{SALES_TABLE.select} where purchase_id = $1", of.purchase_id)
        )

    async def payouts(self) -> list[Payout]:
        rows = await self.pool.fetch(f"{PAYOUTS.select} order by requested_at, payout_id")
        return [PAYOUTS.state_of(row) for row in rows]

    async def books_are_even(self) -> None:
        """Ledger, sales, payouts and purses say the same."""
        row: Any = await self.pool.fetchrow(BOOKS_SQL)
        assert (row["rest"], row["differing"], row["purses"]) == (0, 0, 0)
        assert (row["booked"], row["paid"]) == (row["standing"], row["sent"])
