"""Composition root: what promo is made of. Importing it does no I/O."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from actors.engine.runtime import Dependencies, Provided
from actors.spec import ServiceSpec
from contracts.gameplay import PlayerRestated, StreakChanged
from contracts.payments import (
    BookedGrantsQuery,
    DiscountedPurchasesQuery,
    GrantPremium,
    HoldDiscount,
    ReleaseDiscount,
    StarPricesQuery,
)
from contracts.promo import (
    BruteForceCleared,
    BruteForceSuspected,
    CampaignAutoPaused,
    CampaignEnded,
    ConsiderOffer,
    DiscountAppliedLate,
    DiscountExpired,
    DiscountReserved,
    DiscountRevoked,
    NoteOfferTap,
    OffersConversionDropCleared,
    OffersConversionDropDetected,
    OffersSpamAnomalyCleared,
    OffersSpamAnomalyDetected,
)
from promo.handlers import (
    campaigns,
    discounts,
    figures,
    grants,
    guarding,
    looking,
    offer_figures,
    offers,
    players,
    prices,
    promises,
    prospects,
    redeeming,
    redemptions,
    retention,
    rollback,
)
from promo.handlers.table import actor
from promo.providers.payments_books import PaymentsBooks
from promo.store.campaigns import BatchStore, Campaigns, CampaignStore
from promo.store.comparison import ComparisonStore
from promo.store.figures import GuardBook, GuardSights
from promo.store.guarding import AlarmStore, Vigilances
from promo.store.offers import BoughtStore, ImpressionStore, ProspectStore, ReachBook, TallyBook
from promo.store.prices import PriceBooks, StarPriceStore
from promo.store.redeeming import AttemptBook, CodeFinder, CodeStore, RedeemerStore, RedemptionsOf, RedemptionStore

HANDLERS = (
    redeeming, campaigns, players, prices, guarding, discounts, rollback, grants, redemptions, figures, prospects,
    looking,
    offers, offer_figures, promises, retention,
)  # fmt: skip
"""The modules that enter what promo does into the actor's table."""

actor.keep(
    CodeFinder(),
    Campaigns(),
    Vigilances(),
    GuardSights(),
    PriceBooks(),
    RedeemerStore(),
    ProspectStore(),
    BoughtStore(),
    ImpressionStore(),
    RedemptionStore(),
    RedemptionsOf(),
    CampaignStore(),
    BatchStore(),
    CodeStore(),
    AlarmStore(),
    StarPriceStore(),
    ComparisonStore(),
    AttemptBook(),
    TallyBook(),
    ReachBook(),
)

SPEC = ServiceSpec(
    name="promo",
    actor=actor,
    asks=(DiscountedPurchasesQuery, StarPricesQuery, BookedGrantsQuery),
    publishes=(GrantPremium, HoldDiscount, ReleaseDiscount),
    unhurried=(ConsiderOffer, NoteOfferTap, StreakChanged, PlayerRestated),
    on_record=(
        BruteForceCleared, BruteForceSuspected, CampaignAutoPaused, CampaignEnded, DiscountAppliedLate, DiscountExpired,
        DiscountReserved, DiscountRevoked, OffersConversionDropCleared, OffersConversionDropDetected,
        OffersSpamAnomalyCleared, OffersSpamAnomalyDetected,
    ),
)  # fmt: skip


@asynccontextmanager
async def build(means: Dependencies) -> AsyncGenerator[Provided]:
    """Provide whom jobs ask: payments."""
    yield Provided(resources={PaymentsBooks: PaymentsBooks(means.asker), GuardBook: GuardBook(means.clock)})
