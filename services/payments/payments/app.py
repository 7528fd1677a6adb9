"""Composition root: what payments is made of. Importing it does no I/O."""

import contextlib
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import aiohttp

from actors.engine.runtime import Dependencies, Ingress, Provided
from actors.spec import ServiceSpec
from contracts.gameplay import GrantsQuery, PremiumQuery
from contracts.payments import (
    CheckPreCheckout,
    CreditPurchase,
    GiveTelegramPremium,
    HearStripeEvent,
    LapseInvoice,
    OrphanPaymentReceived,
    PaymentReceived,
    PremiumRestated,
    PriceChanged,
    PurchaseFailed,
    PurchaseRestated,
    ReconciliationDiffDetected,
    RecordInvoiceSent,
    RecordPayment,
    RecordRefund,
    RecordRefundFailure,
    RecoverPurchase,
    RefundOrphan,
    RefundPurchase,
    RefundStarted,
    ReviewRequired,
    SettleGift,
    SettleRefund,
)
from payments.domain.recovery import RecoverySettings
from payments.domain.telegram_gift import RecordGift
from payments.handlers import (
    buying,
    catalogue,
    checkout,
    credit,
    discounted,
    given,
    goods,
    goods_settled,
    ledger,
    looking,
    operators,
    payment,
    premium,
    quotes,
    rates,
    reconciliation_job,
    reconciliation_settlement,
    recovery,
    refunds,
    refusals,
    restating,
    shop,
    star_sales,
    stars,
    stripe,
    telegram_gifts,
)
from payments.handlers.table import actor
from payments.providers.gameplay_books import GameplayBooks
from payments.providers.rates_source import RatesSource
from payments.providers.registry import PaymentProviders
from payments.providers.telegram_stars import StarsProvider
from payments.settings import PaymentsSettings
from payments.store.catalogue import ArticleStore, Catalogues, DiscountStore, PriceHistory, QuoteStore, RateTable
from payments.store.goods import AcknowledgedGoods, Debts, GoodsRunJournal, Orders, SoldGoods
from payments.store.ledger import BookedGrants, GivenGrants, LedgerAccounts, LedgerJournal
from payments.store.purchases import ChargeStore, CustomerStore, Histories, PurchaseStore
from payments.store.reconciliation import RunJournal
from payments.store.reviews import ReviewQueue
from payments.store.settlements import Listings, SettlementJournal
from payments.store.stars import StarsRows
from payments.store.telegram_gifts import GiftCalls, GiftStore

if TYPE_CHECKING:
    from payments.providers.stripe_client import StripeProvider

HANDLERS = (
    buying, checkout, payment, credit, refunds, refusals, premium, given, shop, stripe, catalogue, quotes, rates,
    ledger, recovery, discounted, reconciliation_job, reconciliation_settlement, operators, goods, goods_settled,
    restating, stars, star_sales, telegram_gifts, looking,
)  # fmt: skip
"""The modules that enter what payments does into the actor's table."""

actor.keep(
    ChargeStore(),
    CustomerStore(),
    QuoteStore(),
    PurchaseStore(),
    DiscountStore(),
    StarsRows(),
    GiftStore(),
    ArticleStore(),
    Catalogues(),
    Histories(),
    ReviewQueue(),
    BookedGrants(),
    GivenGrants(),
    LedgerAccounts(),
    PriceHistory(),
    RateTable(),
    LedgerJournal(),
    RunJournal(),
    Listings(),
    SettlementJournal(),
    SoldGoods(),
    Debts(),
    Orders(),
    GoodsRunJournal(),
    AcknowledgedGoods(),
)

SPEC = ServiceSpec(
    name="payments",
    actor=actor,
    publishes=(CreditPurchase, RecordPayment, RecordRefund, HearStripeEvent,),
    asks=(GrantsQuery, PremiumQuery),
    keeps_sent=True,
    measures=("payment_credited",),
    lanes={
        "checkout": (CheckPreCheckout,),
        "money": (
            RecordPayment, CreditPurchase, RecordRefund, RecordRefundFailure, RecordInvoiceSent, RecoverPurchase,
            LapseInvoice, RefundPurchase, RefundOrphan, SettleRefund, HearStripeEvent,
            GiveTelegramPremium, RecordGift, SettleGift,
        ),
    },
    on_record=(
        OrphanPaymentReceived, PaymentReceived, PremiumRestated,
        PriceChanged, PurchaseFailed, PurchaseRestated, ReconciliationDiffDetected, RefundStarted, ReviewRequired,
    ),
)  # fmt: skip


@contextlib.asynccontextmanager
async def build(means: Dependencies) -> AsyncGenerator[Provided]:
    """Put payments together from what the ground hands over."""
    settings: PaymentsSettings = means.settings
    async with aiohttp.ClientSession() as session:
        stars = StarsProvider(settings.bot_token.get_secret_value(), session, settings.telegram_api_url)
        stripe, ingresses = _open_web(means, session) if settings.stripe_is_on else (None, ())
        yield Provided(
            resources={
                PaymentProviders: PaymentProviders(stars, stripe),
                GameplayBooks: GameplayBooks(means.asker),
                GiftCalls: GiftCalls(means.pool),
                RatesSource: RatesSource(session, settings.rates_url),
                RecoverySettings: settings.recovery(),
            },
            ingresses=ingresses,
        )


def _open_web(means: Dependencies, session: aiohttp.ClientSession) -> "tuple[StripeProvider, tuple[Ingress, ...]]":
    """Put the web checkout together. Imported late: who has Stripe off does not pay for it."""
    from payments.providers.stripe_client import StripeProvider
    from payments.web.server import WebServer

    settings: PaymentsSettings = means.settings
    stripe = StripeProvider(settings.stripe_api_key.get_secret_value(), session, settings.stripe_api_url)
    return stripe, (WebServer(means, stripe),)
