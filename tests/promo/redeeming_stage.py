"""Promo's real handlers and stores in real turns, without NATS; codes come as the batch tool makes them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import msgspec

from actors.clock import ManualClock
from actors.engine.delivery import Delivery
from actors.engine.running_job import RunningJob
from actors.engine.turns import TurnResult, Turns
from actors.schedules import Due
from contracts.envelope import first_envelope
from contracts.message import Contract, answer_of, decode, encode, find, type_name_of_subject
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

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
PEPPERS = Peppers(["the pepper of the tests"])
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"


class Stage:
    """Promo as its players and operators meet it."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.clock = ManualClock(NOON)
        self.said: list[Any] = []
        self.resources: dict[type, Any] = {}
        self.turns = Turns(SPEC.actor, pool=pool, clock=self.clock, resources={GuardBook: GuardBook(self.clock)})

    def wait(self, **span: float) -> None:
        self.clock.advance(**span)

    async def take(self, *messages: Contract) -> TurnResult:
        """Take one turn for the messages; one that fails fails the test."""
        return await self._take([self._delivery(message) for message in messages])

    async def run(self, due: Due) -> None:
        """Run a job, each time as a firing of its own."""
        means = RunningJob(
            service="promo",
            clock=self.clock,
            acquire=self.pool.acquire,
            take=self._take_all,
            resources=self.resources,
            firing=uuid4().hex,
        )
        await SPEC.actor.jobs[type(due)](due, means)

    async def _take_all(self, deliveries: Sequence[Delivery]) -> None:
        await self._take(deliveries)

    async def _take(self, deliveries: Sequence[Delivery]) -> TurnResult:
        taken = await self.turns.take(deliveries)
        assert [repr(error) for _, error in (*taken.failed, *taken.unreadable)] == []
        self.said += [decode(find(type_name_of_subject(row.subject)), row.body) for row in taken.outbox]
        return taken

    def _delivery(self, message: Contract) -> Delivery:
        envelope = first_envelope(message, identifier=uuid4().hex, time=self.clock.now(), source="test")
        envelope = msgspec.structs.replace(envelope, reply_to="_INBOX_test.1")
        return Delivery("", {}, encode(message), envelope, message=message)

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

    async def answer(self, message: Contract) -> Any:
        """Return what an operator is answered."""
        ((_, body),) = (await self.take(message)).replies
        return msgspec.json.decode(body, type=answer_of(type(message)))

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
        said = [decode(find(type_name_of_subject(row.subject)), row.body) for row in taken.outbox]
        return [message for message in said if isinstance(message, PremiumRedeemed | DiscountReserved | CodeRefused)]

    def granted(self) -> list[GrantPremium]:
        """Return what payments was told to give."""
        return [message for message in self.said if isinstance(message, GrantPremium)]
