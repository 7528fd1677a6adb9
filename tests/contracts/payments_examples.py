"""One example of every contract of payments; see `examples.py` for what becomes of them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from contracts import payments as p
from contracts.gameplay import GrantTakenBack
from contracts.message import Contract

_PLAYER = 5512740098
_AT = datetime(2026, 3, 29, 17, 42, 5, 318000, tzinfo=UTC)
_LATER = _AT + timedelta(minutes=15)
_PURCHASE = UUID("019d3ab0-3dae-791d-9d1e-819decaf1d42")
_QUOTE = UUID("019d3ab0-4b06-72d4-81f6-958d0cc783a1")
_REDEMPTION = UUID("019d3aa9-10c2-7a4b-b0d4-5f6a2be29c11")
_RUN = UUID("019d3ab1-77f0-7c1a-8a02-1f1be0a2c9d3")
_GIFT = UUID("019d3ab2-0b1d-7c55-9b6e-6d1f8e2a7c40")
_CHARGE = "stxK8_3nQfWw2yT0Vh5pXgRzJc1LbEoMd7aUuSi9"
_STEPS = (
    p.QuoteStep(name="base", detail="XTR, version 2", amount=99),
    p.QuoteStep(name="discount", detail="−20 %", amount=80),
)
_TERMS = (
    p.PremiumTerm(begins=_AT - timedelta(days=10), ends=_AT, rank=2),
    p.PremiumTerm(begins=_AT, ends=_AT + timedelta(days=385), rank=4),
)
_STRIPE = msgspec.Raw(
    b'{"id":"evt_1Qx7Zb","type":"checkout.session.completed","created":1774806125,"data":{"object":{"id":"cs_a1",'
    b'"payment_status":"paid","payment_intent":"pi_3Qx7Za","amount_total":299,"currency":"eur",'
    b'"metadata":{"purchase_id":"019d3ab0-3dae-791d-9d1e-819decaf1d42","player_id":"5512740098"}}}}'
)

EXAMPLES: tuple[Contract, ...] = (
    # -- commands
    p.ShowShop(player_id=_PLAYER, view=p.ShopView.PREMIUM),
    p.ShowPurchases(player_id=_PLAYER),
    p.QuoteProduct(
        player_id=_PLAYER,
        product=p.Product.PREMIUM_MONTH,
        currency=p.Currency.EUR,
        region="DE",
        redemption_id=_REDEMPTION,
    ),
    p.BuyProduct(
        player_id=_PLAYER,
        product=p.Product.PREMIUM_MONTH,
        currency=p.Currency.XTR,
        quote_id=_QUOTE,
        redemption_id=_REDEMPTION,
        surface="shop",
    ),
    p.ReleaseDiscount(player_id=_PLAYER, redemption_id=_REDEMPTION, before_its_time=True),
    p.RecordInvoiceSent(player_id=_PLAYER, purchase_id=_PURCHASE),
    p.CheckPreCheckout(player_id=_PLAYER, query_id="99120", payload=p.payload_of(_PURCHASE), amount=80, currency="XTR"),
    p.RecordPayment(
        player_id=_PLAYER,
        provider=p.Provider.TELEGRAM,
        charge_id=_CHARGE,
        payload=p.payload_of(_PURCHASE),
        amount=80,
        currency="XTR",
        paid_at=_AT,
        commission=4_000_000_000,
    ),
    p.CreditPurchase(player_id=_PLAYER, purchase_id=_PURCHASE, affiliate=True),
    p.RecoverPurchase(player_id=_PLAYER, purchase_id=_PURCHASE),
    p.LapseInvoice(player_id=_PLAYER, purchase_id=_PURCHASE),
    p.RefundPurchase(
        player_id=_PLAYER, purchase_id=_PURCHASE, reason=p.RefundReason.OPERATOR, note="mira: bought by a child"
    ),
    p.RefundOrphan(player_id=_PLAYER, charge_id=_CHARGE, reason=p.RefundReason.ORPHAN, note="after 24 h"),
    p.RecordRefund(
        player_id=_PLAYER,
        provider=p.Provider.TELEGRAM,
        charge_id=_CHARGE,
        reason=p.RefundReason.PROVIDER,
        refunded_at=_AT,
        amount=80,
    ),
    p.RecordRefundFailure(player_id=_PLAYER, charge_id=_CHARGE, error="400: CHARGE_NOT_FOUND"),
    p.SettleRefund(
        player_id=_PLAYER, charge_id=_CHARGE, outcome=p.RefusedRefund.RETURNED, note="mira: sent back by bank transfer"
    ),
    p.ResolveReview(player_id=_PLAYER, purchase_id=_PURCHASE, note="mira: seen in the provider's list"),
    p.HearStripeEvent(event_id="evt_1Qx7Zb", kind="checkout.session.completed", event=_STRIPE),
    p.GrantPremium(player_id=_PLAYER, days=7, rank=1, source="PROMO", reason="spring", grant_id=_REDEMPTION),
    p.SetPrice(product=p.Product.PREMIUM_MONTH, currency=p.Currency.EUR, amount=349, operator="mira"),
    p.SwitchProduct(product=p.Product.DUEL_TICKET_5, enabled=False, operator="mira"),
    p.ShowPurchase(purchase_id=_PURCHASE),
    p.ListReviews(queue="reviews", limit=20),
    p.ShowLedgerAccount(account="player:5512740098", entries=50),
    p.ReconcileBooks(scope="full"),
    p.CompareGoods(scope="full"),
    p.SettleGoods(
        grant_id=_PURCHASE,
        player_id=_PLAYER,
        kind=p.GoodsSettlement.TAKE_BACK,
        note="mira: nobody sold it",
    ),
    p.TellPremium(player_id=_PLAYER, above=7),
    p.SettleDiff(
        provider=p.Provider.TELEGRAM,
        charge_id=_CHARGE,
        kind=p.SettlementKind.CHARGEBACK,
        note="mira: charged back on 3 April",
    ),
    # -- events
    p.ShopShown(
        player_id=_PLAYER,
        view=p.ShopView.SHOP,
        offers=(
            p.ShopItem(product=p.Product.ENERGY_10, amount=10),
            p.ShopItem(product=p.Product.STREAK_SAVER_20, amount=20, refusal=p.BuyRefusal.SAVER_LIMIT, until=_LATER),
        ),
        premium_rank=2,
        premium_until=_LATER,
    ),
    p.PurchasesShown(
        player_id=_PLAYER,
        purchases=(
            p.PurchaseView(
                purchase_id=_PURCHASE,
                product=p.Product.PREMIUM_MONTH,
                amount=80,
                currency=p.Currency.XTR,
                state=p.PurchaseState.REFUNDED,
                created_at=_AT,
                paid_at=_AT,
                refunded_at=_LATER,
            ),
        ),
    ),
    p.InvoiceOpened(
        player_id=_PLAYER,
        purchase_id=_PURCHASE,
        product=p.Product.PREMIUM_MONTH,
        payload=p.payload_of(_PURCHASE),
        amount=80,
        currency=p.Currency.XTR,
        steps=_STEPS,
        expires_at=_LATER,
        again=True,
        redemption_id=_REDEMPTION,
        surface="shop",
    ),
    p.PurchaseRefused(
        player_id=_PLAYER,
        product=p.Product.PREMIUM_STARTER,
        reason=p.BuyRefusal.PREMIUM_RANK,
        until=_LATER,
        premium_rank=2,
    ),
    p.PurchaseFailed(
        player_id=_PLAYER,
        purchase_id=_PURCHASE,
        product=p.Product.PREMIUM_MONTH,
        reason="replaced",
        redemption_id=_REDEMPTION,
        surface="shop",
    ),
    p.PreCheckoutPassed(player_id=_PLAYER, purchase_id=_PURCHASE, expires_at=_LATER, redemption_id=_REDEMPTION),
    p.PaymentReceived(
        player_id=_PLAYER,
        purchase_id=_PURCHASE,
        provider=p.Provider.TELEGRAM,
        charge_id=_CHARGE,
        amount=80,
        currency=p.Currency.XTR,
        late=False,
        paid_at=_AT,
    ),
    p.PurchaseCredited(
        player_id=_PLAYER,
        purchase_id=_PURCHASE,
        product=p.Product.PREMIUM_MONTH,
        amount=80,
        currency=p.Currency.XTR,
        provider=p.Provider.TELEGRAM,
        charge_id=_CHARGE,
        credited_at=_AT,
        late=True,
        premium_rank=2,
        premium_until=_AT + timedelta(days=30),
        redemption_id=_REDEMPTION,
        surface="shop",
        affiliate=True,
    ),
    p.AffiliateCommissionTaken(
        player_id=_PLAYER, purchase_id=_PURCHASE, charge_id=_CHARGE, commission=4_000_000_000, at=_AT
    ),
    p.RefundStarted(player_id=_PLAYER, charge_id=_CHARGE, purchase_id=_PURCHASE, reason=p.RefundReason.DOUBLE_CHARGE),
    p.PurchaseRefunded(
        player_id=_PLAYER,
        purchase_id=_PURCHASE,
        product=p.Product.PREMIUM_MONTH,
        amount=80,
        currency=p.Currency.XTR,
        charge_id=_CHARGE,
        reason=p.RefundReason.OPERATOR,
        refunded_at=_LATER,
        was_credited=True,
        redemption_id=_REDEMPTION,
        surface="shop",
    ),
    p.EntitlementGranted(
        player_id=_PLAYER,
        grant_id=_PURCHASE,
        paid_energy=15,
        saver_tokens=1,
        duel_tickets=1,
        mode_hours=24,
        reason="MEGA_PACK_15",
        granted_at=_AT,
    ),
    p.EntitlementRevoked(
        player_id=_PLAYER,
        grant_id=_PURCHASE,
        paid_energy=15,
        saver_tokens=1,
        duel_tickets=1,
        mode_hours=24,
        reason="MEGA_PACK_15",
        revoked_at=_LATER,
    ),
    p.PremiumChanged(player_id=_PLAYER, revision=3, terms=_TERMS, changed_at=_AT),
    p.OrphanPaymentReceived(
        player_id=_PLAYER,
        provider=p.Provider.TELEGRAM,
        charge_id=_CHARGE,
        amount=25,
        currency="XTR",
        payload="order-17",
        reason="unknown_payload",
        paid_at=_AT,
    ),
    p.ReviewRequired(
        player_id=_PLAYER,
        purchase_id=_PURCHASE,
        charge_id=_CHARGE,
        reason="not credited after three attempts",
        at=_AT,
    ),
    p.PurchaseRestated(
        hearer="promo",
        player_id=_PLAYER,
        purchase_id=_PURCHASE,
        product=p.Product.PREMIUM_MONTH,
        amount=80,
        currency=p.Currency.XTR,
        provider=p.Provider.TELEGRAM,
        charge_id=_CHARGE,
        credited_at=_AT,
        refunded_at=_LATER,
        late=True,
        redemption_id=_REDEMPTION,
        surface="shop",
        affiliate=True,
        as_of=_LATER,
    ),
    p.PremiumRestated(hearer="promo", player_id=_PLAYER, revision=3, terms=_TERMS, changed_at=_AT, as_of=_LATER),
    p.ReconciliationDiffDetected(
        run_id=_RUN,
        provider=p.Provider.TELEGRAM,
        full=True,
        book="provider",
        diffs=("balance: Telegram has 12980 Stars, its transactions add up to 13005",),
        diff_count=1,
        at=_AT,
    ),
    p.PriceChanged(
        product=p.Product.PREMIUM_MONTH,
        currency=p.Currency.EUR,
        amount=349,
        enabled=True,
        operator="mira",
        at=_AT,
    ),
    # -- Telegram Premium as a gift
    p.GiveTelegramPremium(player_id=_PLAYER, gift_id=_GIFT, months=6),
    p.TelegramPremiumGiven(player_id=_PLAYER, gift_id=_GIFT, months=6, stars=1500, at=_AT),
    p.TelegramPremiumNotGiven(player_id=_PLAYER, gift_id=_GIFT, months=6, reason="BALANCE_TOO_LOW", at=_AT),
    p.SettleGift(gift_id=_GIFT, given=True, note="it stands in the bot's list"),
    # -- what gameplay answers
    GrantTakenBack(
        player_id=_PLAYER,
        grant_id=_PURCHASE,
        paid_energy=4,
        saver_tokens=1,
        duel_tickets=0,
        mode_hours=20,
        missing_paid_energy=11,
        missing_saver_tokens=0,
        missing_duel_tickets=1,
        missing_mode_hours=4,
        at=_LATER,
    ),
)
