"""Promo's real handlers and stores in real turns, without NATS; codes come as the batch tool makes them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from turn_stage import NOON, Pool, TurnStage

from actors.clock import ManualClock
from contracts.payments import GrantPremium
from contracts.promo import (
    CampaignType,
    CampaignView,
    CodeRefused,
    CreateCampaign,
    DiscountReserved,
    Peppers,
    PremiumRedeemed,
    RedeemCode,
    RedeemRefusal,
    ShowCampaign,
)
from promo.app import SPEC
from promo.domain.code_making import NewCode
from promo.store import batches
from promo.store.figures import GuardBook

PEPPERS = Peppers(["the pepper of the tests"])
__all__ = ["NOON", "PEPPERS", "Pool", "Stage"]


class Stage(TurnStage):
    """Promo as its players and operators meet it."""

    def __init__(self, pool: Pool) -> None:
        clock = ManualClock(NOON)
        super().__init__(SPEC, pool, clock, {GuardBook: GuardBook(clock)})

    # -- operators ------------------------------------------------------------------------------

    async def campaign(self, name: str = "spring", **more: Any) -> str:
        given: dict[str, Any] = {"type": CampaignType.PREMIUM_GRANT, "premium_days": 30, "uses_per_code_max": None}
        await self.take(CreateCampaign(name=name, **(given | more)))
        return name

    async def codes(self, folder: Path, campaign: str, *codes: str | NewCode, peppers: Peppers = PEPPERS) -> UUID:
        """Store codes as the batch tool does."""
        made = [NewCode(code) if isinstance(code, str) else code for code in codes]
        async with self.pool.acquire() as connection:
            report = folder / f"{uuid4().hex}.csv"
            return await batches.write(connection, campaign, made, peppers, report, lambda _, __: None)

    async def view(self, name: str = "spring") -> CampaignView:
        campaign = (await self.answer(ShowCampaign(name=name))).campaign
        assert campaign is not None
        return campaign

    # -- players --------------------------------------------------------------------------------

    async def redeem(self, player_id: int, code: str, *, peppers: Peppers = PEPPERS) -> RedeemRefusal | None:
        """Type a code; returns why it is refused, None when it is taken."""
        outcome = (await self.redeem_all([(player_id, code)], peppers=peppers))[0]
        return outcome.reason if isinstance(outcome, CodeRefused) else None

    async def redeem_all(self, typed: Sequence[tuple[int, str]], *, peppers: Peppers = PEPPERS) -> list[Any]:
        """Type codes, all in one turn; returns what the players are told, in no order."""
        taken = await self.take(
            *(RedeemCode(player_id=player_id, fingerprints=peppers.fingerprints(code)) for player_id, code in typed)
        )
        told = PremiumRedeemed | DiscountReserved | CodeRefused
        return [message for message in self.messages_of(taken) if isinstance(message, told)]

    def granted(self) -> list[GrantPremium]:
        """Return what payments was told to give."""
        return self.heard(GrantPremium)
