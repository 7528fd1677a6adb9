"""Composition root: what promo is made of. Importing it does no I/O."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from actors.engine.runtime import Dependencies, Provided
from actors.spec import ServiceSpec
from contracts.payments import GrantPremium, HoldDiscount, ReleaseDiscount
from contracts.promo import (
    BruteForceCleared,
    BruteForceSuspected,
    CampaignAutoPaused,
    CampaignEnded,
    DiscountAppliedLate,
    DiscountExpired,
    DiscountReserved,
    DiscountRevoked,
)
from promo.handlers import campaigns, discounts, guarding, players, redeeming
from promo.handlers.table import actor
from promo.store.campaigns import BatchStore, Campaigns, CampaignStore
from promo.store.guarding import AlarmStore, Vigilances
from promo.store.redeeming import AttemptBook, CodeFinder, CodeStore, RedeemerStore, RedemptionStore

HANDLERS = (redeeming, campaigns, players, guarding, discounts)
"""The modules that enter what promo does into the actor's table."""

actor.keep(
    CodeFinder(),
    Campaigns(),
    Vigilances(),
    RedeemerStore(),
    RedemptionStore(),
    CampaignStore(),
    BatchStore(),
    CodeStore(),
    AlarmStore(),
    AttemptBook(),
)

SPEC = ServiceSpec(
    name="promo",
    actor=actor,
    publishes=(GrantPremium, HoldDiscount, ReleaseDiscount),
    on_record=(
        BruteForceCleared, BruteForceSuspected, CampaignAutoPaused, CampaignEnded, DiscountAppliedLate, DiscountExpired,
        DiscountReserved, DiscountRevoked,
    ),
)  # fmt: skip


@asynccontextmanager
async def build(means: Dependencies) -> AsyncGenerator[Provided]:
    """Provide what handlers need besides their states: nothing."""
    del means
    yield Provided()
