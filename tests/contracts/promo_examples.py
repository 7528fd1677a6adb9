"""One example of every contract of promo, and of what payments hears and says of it; `examples.py` has the rest."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts import promo as p
from contracts.gameplay import Mode
from contracts.message import Contract
from contracts.payments import DiscountedProduct, DiscountHeld, DiscountReleased, HoldDiscount, OfferNote, Product

_PLAYER = 5512740098
_AT = datetime(2026, 3, 29, 17, 42, 5, 318000, tzinfo=UTC)
_REDEMPTION = UUID("019d3aa9-10c2-7a4b-b0d4-5f6a2be29c11")
_BATCH = UUID("4f6d3c1e-98a7-4f0e-8d0b-0a1f5c2e7b36")
_PRINT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

EXAMPLES: tuple[Contract, ...] = (
    p.RedeemCode(player_id=_PLAYER, fingerprints=(_PRINT, _PRINT[::-1])),
    p.PremiumRedeemed(player_id=_PLAYER, redemption_id=_REDEMPTION, campaign="spring-2026", days=30, rank=2),
    p.CodeRefused(
        player_id=_PLAYER, reason=p.RedeemRefusal.RATE_LIMITED, until=_AT + timedelta(minutes=60), tries_left=0
    ),
    p.ExpireReservation(player_id=_PLAYER, redemption_id=_REDEMPTION),
    p.SettleRedemption(
        player_id=_PLAYER,
        redemption_id=_REDEMPTION,
        purchase_id=_BATCH,
        credited_at=_AT,
        refunded_at=_AT + timedelta(hours=3),
        failed_at=None,
    ),
    p.DiscountReserved(
        player_id=_PLAYER,
        redemption_id=_REDEMPTION,
        campaign="spring-2026",
        percent=20,
        products=(Product.PREMIUM_MONTH, Product.PREMIUM_YEAR),
        reserved_until=_AT + timedelta(minutes=15),
        again=True,
    ),
    HoldDiscount(
        player_id=_PLAYER,
        redemption_id=_REDEMPTION,
        percent=20,
        products=(Product.PREMIUM_MONTH, Product.PREMIUM_YEAR),
        reserved_until=_AT + timedelta(minutes=15),
        offer=OfferNote(trigger="COMEBACK_3D", is_blocking=True, mode="WORD_ORDER"),
    ),
    DiscountHeld(
        player_id=_PLAYER,
        redemption_id=_REDEMPTION,
        percent=20,
        reserved_until=_AT + timedelta(minutes=15),
        products=(DiscountedProduct(product=Product.PREMIUM_MONTH, base_amount=99, amount=80),),
        offer=OfferNote(trigger="COMEBACK_3D", is_blocking=True, mode="WORD_ORDER"),
    ),
    DiscountReleased(player_id=_PLAYER, redemption_id=_REDEMPTION),
    p.DiscountExpired(player_id=_PLAYER, redemption_id=_REDEMPTION, campaign="spring-2026"),
    p.DiscountAppliedLate(
        player_id=_PLAYER,
        redemption_id=_REDEMPTION,
        purchase_id=_BATCH,
        campaign="spring-2026",
        overrun=1,
        used=501,
        uses_max=500,
    ),
    p.DiscountRevoked(player_id=_PLAYER, redemption_id=_REDEMPTION, campaign="spring-2026"),
    p.GuardCampaign(name="spring-2026", failures=131, players=27),
    p.GuardThrottle(name="overall", failures=342, players=71),
    p.RollCampaign(name="spring-2026"),
    p.CampaignAutoPaused(
        campaign="spring-2026",
        failures=131,
        players=27,
        at=_AT,
        failures_max=100,
        players_min=3,
        window_seconds=600,
    ),
    p.BruteForceSuspected(
        scope="overall",
        failures=342,
        players=71,
        at=_AT,
        failures_max=300,
        window_seconds=600,
        failures_allowed=2,
    ),
    p.BruteForceCleared(scope="overall", failures=12, at=_AT, failures_max=300, since=_AT - timedelta(minutes=12)),
    p.CampaignEnded(campaign="spring-2026", status=p.CampaignStatus.DEPLETED, used=500, at=_AT),
    p.CreateCampaign(
        name="spring-2026",
        type=p.CampaignType.PREMIUM_GRANT,
        scope=p.CampaignScope.ANY,
        premium_days=30,
        valid_from=_AT,
        valid_until=_AT + timedelta(days=30),
        uses_max=500,
        uses_per_code_max=None,
        new_players_only=True,
        first_purchase_only=True,
        is_public=True,
        budget=50,
        budget_unit=p.BudgetUnit.USES,
        budget_period=p.BudgetPeriod.WEEK,
    ),
    p.ShowCampaign(name="spring-2026"),
    p.SetCampaignStatus(name="spring-2026", status=p.CampaignStatus.PAUSED, expected=p.CampaignStatus.ACTIVE),
    p.ListCampaigns(
        filter=p.CampaignFilter(
            status=p.CampaignStatus.ACTIVE,
            name="spring",
            type=p.CampaignType.PREMIUM_GRANT,
            product=p.CampaignScope.ANY,
            created_from=_AT,
            created_until=_AT + timedelta(days=1),
            page=2,
            page_size=20,
        )
    ),
    p.ConsiderOffer(
        player_id=_PLAYER,
        surface=p.OfferSurface.EMPTY,
        tap="4382bfdwdsb323b2d9",
        energy=0,
        is_premium=False,
        streak_days=12,
        has_played_today=True,
        mode=Mode.WORD_ORDER,
    ),
    p.NoteOfferTap(player_id=_PLAYER, impression_id=_REDEMPTION, tap=p.OfferTap.MUTE),
    p.OfferMade(
        player_id=_PLAYER,
        impression_id=_REDEMPTION,
        trigger="COMEBACK_3D",
        surface=p.OfferSurface.EMPTY,
        products=(Product.MEGA_PACK_15,),
        is_blocking=True,
        mode=Mode.WORD_ORDER,
        percent=20,
        until=_AT + timedelta(hours=48),
        prices=(DiscountedProduct(product=Product.MEGA_PACK_15, base_amount=15, amount=12),),
    ),
    p.JudgeOffers(name="offers_spam", impressions=412, players=180, conversions=9, dismissals=270),
    *(
        kind(scope="offers", impressions=412, players=180, conversions=9, dismissals=270, at=_AT)
        for kind in (
            p.OffersConversionDropDetected,
            p.OffersConversionDropCleared,
            p.OffersSpamAnomalyDetected,
            p.OffersSpamAnomalyCleared,
        )
    ),
    p.RevokeBatch(batch_id=_BATCH, note="printed with a typo"),
    p.ShowRedemption(redemption_id=_REDEMPTION),
    p.ListRedemptions(player_id=_PLAYER),
    p.RollBackRefund(
        player_id=_PLAYER, redemption_id=_REDEMPTION, purchase_id=_BATCH, note="the refund's event was lost"
    ),
    p.ShowGuard(),
)
