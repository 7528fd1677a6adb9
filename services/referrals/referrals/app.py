"""Composition root: what referrals is made of. Importing it does no I/O."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from actors.engine.runtime import Dependencies, Provided
from actors.spec import ServiceSpec
from contracts.payments import BookedGrantsQuery, GrantGoods, GrantPremium, RevokeGrant
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
    SettleRewards,
    SuspectReferral,
)
from referrals.handlers import (
    binding,
    campaigns,
    figures,
    gifts,
    jobs,
    progress,
    purchases,
    reviews,
    rewards,
    rings,
    showing,
)
from referrals.handlers.table import actor
from referrals.providers.payments_books import PaymentsBooks
from referrals.store.campaigns import AlarmStore, CampaignLinkStore, CampaignPages
from referrals.store.comparison import ComparisonStore
from referrals.store.figures import CampaignCountsOf, ReviewPages
from referrals.store.gifts import BoughtStore, GiftStore
from referrals.store.members import Ancestries, FreshCodes, KnownLinks, MemberStore, ReferralStore
from referrals.store.rewards import EarnedSlots, ReferrerFigures, RewardStore

HANDLERS = (
    binding, rings, progress, purchases, rewards, gifts, showing, reviews, campaigns, figures, jobs,
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
    ComparisonStore(),
    KnownLinks(),
    FreshCodes(),
    Ancestries(),
    EarnedSlots(),
    ReferrerFigures(),
    ReviewPages(),
    CampaignPages(),
    CampaignCountsOf(),
)

SPEC = ServiceSpec(
    name="referrals",
    actor=actor,
    asks=(BookedGrantsQuery,),
    publishes=(
        GrantGoods, GrantPremium, RevokeGrant, BindPlayer, CheckRing, SuspectReferral, SettleRewards, EndGift,
    ),
    on_record=(
        LinkRefused, PlayerBound, ReferralChanged, ReferralFraudSpikeCleared, ReferralFraudSpikeDetected,
        ReferralRewardGranted,
    ),
)  # fmt: skip


@asynccontextmanager
async def build(means: Dependencies) -> AsyncGenerator[Provided]:
    """Provide whom jobs ask: payments."""
    yield Provided(resources={PaymentsBooks: PaymentsBooks(means.asker)})
