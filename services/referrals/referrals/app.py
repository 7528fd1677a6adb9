"""Composition root: what referrals is made of. Importing it does no I/O."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from actors.engine.runtime import Dependencies, Provided
from actors.spec import ServiceSpec
from contracts.gameplay import PlayerPlayed, PlayerRestated
from contracts.payments import (
    BookedGrantsQuery,
    GiftsQuery,
    GiveTelegramPremium,
    GrantGoods,
    GrantPremium,
    NamedStarSalesQuery,
    RevokeGrant,
    StarSalesQuery,
)
from contracts.referrals import (
    BindPlayer,
    CheckRing,
    EndGift,
    LinkRefused,
    PlayerBound,
    ReferralChanged,
    ReferralFraudSpikeCleared,
    ReferralFraudSpikeDetected,
    ReferralRewardGranted,
    SettleCommission,
    SettleRewards,
    SuspectReferral,
)
from referrals.handlers import (
    affiliates,
    binding,
    campaigns,
    commission_jobs,
    figures,
    gifts,
    jobs,
    looking,
    lost_words,
    payouts,
    progress,
    purchases,
    restating,
    reviews,
    rewards,
    rings,
    sales,
    showing,
)
from referrals.handlers.table import actor
from referrals.providers.payments_books import PaymentsBooks
from referrals.providers.payments_sales import PaymentsSales
from referrals.store.affiliate_pages import (
    AffiliateBook,
    AffiliateFiguresOf,
    PartnerLists,
    PayoutLists,
    UsedReferences,
)
from referrals.store.campaigns import AlarmStore, CampaignLinkStore, CampaignPages, UsedNames
from referrals.store.commissions import (
    CommissionLedger,
    PartnerStore,
    PayoutStore,
    SaleComparisonStore,
    SaleStore,
    UnclaimedSalesOf,
)
from referrals.store.comparison import ComparisonStore
from referrals.store.figures import CampaignCountsOf, ReviewPages
from referrals.store.gifts import BoughtStore, GiftStore
from referrals.store.members import Ancestries, FreshCodes, KnownLinks, MemberStore, ReferralStore
from referrals.store.rewards import EarnedSlots, ReferrerFigures, RewardStore

HANDLERS = (
    binding, rings, progress, purchases, rewards, gifts, showing, reviews, campaigns, figures, jobs, lost_words,
    sales, affiliates, payouts, commission_jobs, restating, looking,
)  # fmt: skip
"""The modules that enter what referrals does into the actor's table."""

actor.keep(
    MemberStore(),
    ReferralStore(),
    RewardStore(),
    GiftStore(),
    BoughtStore(),
    CampaignLinkStore(),
    AlarmStore(),
    PayoutStore(),
    PartnerStore(),
    SaleStore(),
    SaleComparisonStore(),
    ComparisonStore(),
    KnownLinks(),
    FreshCodes(),
    Ancestries(),
    EarnedSlots(),
    ReferrerFigures(),
    ReviewPages(),
    CampaignPages(),
    UsedNames(),
    CampaignCountsOf(),
    AffiliateFiguresOf(),
    PartnerLists(),
    PayoutLists(),
    UsedReferences(),
    UnclaimedSalesOf(),
    CommissionLedger(),
)

SPEC = ServiceSpec(
    name="referrals",
    actor=actor,
    asks=(BookedGrantsQuery, StarSalesQuery, NamedStarSalesQuery, GiftsQuery),
    publishes=(
        GrantGoods, GrantPremium, RevokeGrant, BindPlayer, CheckRing, SuspectReferral, SettleRewards, EndGift,
        SettleCommission, GiveTelegramPremium,
    ),
    unhurried=(PlayerPlayed, PlayerRestated),
    on_record=(
        LinkRefused, PlayerBound, ReferralChanged, ReferralFraudSpikeCleared, ReferralFraudSpikeDetected,
        ReferralRewardGranted,
    ),
)  # fmt: skip


@asynccontextmanager
async def build(means: Dependencies) -> AsyncGenerator[Provided]:
    """Provide whom jobs ask: payments."""
    yield Provided(
        resources={
            PaymentsBooks: PaymentsBooks(means.asker),
            PaymentsSales: PaymentsSales(means.asker),
            AffiliateBook: AffiliateBook(means.clock),
        }
    )
