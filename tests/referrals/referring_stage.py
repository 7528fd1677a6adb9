"""Referrals' real handlers and stores in real turns, without NATS. What it says to itself it hears at once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar
from uuid import uuid4

import asyncpg
import msgspec

from actors.clock import ManualClock
from actors.engine.delivery import Delivery
from actors.engine.running_job import RunningJob
from actors.engine.turns import TurnResult, Turns
from actors.schedules import Due
from contracts.berlin import day_of
from contracts.envelope import first_envelope
from contracts.gameplay import (
    PlayerJoined,
    PlayerPlayed,
)
from contracts.message import Command, Contract, answer_of, decode, encode, find, shape_of, type_name_of_subject
from contracts.referrals import LinkKind, TouchLink
from referrals.app import SPEC
from referrals.domain.referral import Referral
from referrals.store.affiliate_pages import AffiliateBook
from referrals.store.members import REFERRALS

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
M = TypeVar("M", bound=Contract)


def played(player_id: int, ordinal: int, at: datetime) -> PlayerPlayed:
    """Return gameplay's word of an answer: the how-manieth of the player's, and when."""
    return PlayerPlayed(player_id=player_id, answered=ordinal, at=at, berlin_day=day_of(at).local)


class Stage:
    """Referrals as players and operators meet them."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.clock = ManualClock(NOON)
        self.said: list[Any] = []
        self.resources: dict[type, Any] = {AffiliateBook: AffiliateBook(self.clock)}
        self.turns = Turns(SPEC.actor, pool=pool, clock=self.clock, resources=self.resources)

    def wait(self, **span: float) -> None:
        self.clock.advance(**span)

    async def take(self, *messages: Contract) -> TurnResult:
        """Take one turn for the messages, and further ones for what it says to itself; a failure fails the test."""
        return await self._take([self.delivery(message) for message in messages])

    async def run(self, due: Due) -> None:
        """Run a job, each time as a firing of its own."""
        means = RunningJob(
            service="referrals",
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
        said = [decode(find(type_name_of_subject(row.subject)), row.body) for row in taken.outbox]
        self.said += said
        own = [one for one in said if isinstance(one, Command) and shape_of(type(one)).owner == "referrals"]
        if own:
            await self.take(*own)
        return taken

    def delivery(self, message: Contract) -> Delivery:
        """Return a message as a turn takes it."""
        envelope = first_envelope(message, identifier=uuid4().hex, time=self.clock.now(), source="test")
        envelope = msgspec.structs.replace(envelope, reply_to="_INBOX_test.1")
        return Delivery("", {}, encode(message), envelope, message=message)

    def heard(self, kind: type[M]) -> list[M]:
        """Return what was said of a kind so far."""
        return [message for message in self.said if isinstance(message, kind)]

    async def answer(self, message: Contract) -> Any:
        """Return what an operator is answered."""
        ((_, body),) = (await self.take(message)).replies
        return msgspec.json.decode(body, type=answer_of(type(message)))

    # -- players --------------------------------------------------------------------------------

    async def code_of(self, player_id: int, code: str) -> str:
        """Give somebody a link of their own."""
        await self.pool.execute(
            "insert into members (player_id, code, starts) values ($1, $2, '[]') "
            "on conflict (player_id) do update set code = excluded.code",
            player_id,
            code,
        )
        return code

    def touch(self, player_id: int, value: str, kind: LinkKind = LinkKind.REF) -> TouchLink:
        return TouchLink(player_id=player_id, kind=kind, value=value, touched_at=self.clock.now())

    def joined(self, player_id: int) -> PlayerJoined:
        return PlayerJoined(player_id=player_id, at=self.clock.now())

    async def bring(self, player_id: int, code: str) -> None:
        """Have somebody come by a link and join."""
        await self.take(self.touch(player_id, code), self.joined(player_id))

    def answered(self, player_id: int, ordinal: int) -> PlayerPlayed:
        """Return the word of an answer at this instant."""
        return played(player_id, ordinal, self.clock.now())

    async def qualify(self, *player_ids: int) -> None:
        """Have bound players answer 20 times by now, and once more the day after; the clock stands there then."""
        await self.take(*(self.answered(player_id, 20) for player_id in player_ids))
        self.wait(days=1)
        await self.take(*(self.answered(player_id, 21) for player_id in player_ids))

    async def slots(self, player_id: int) -> list[tuple[int, str]]:
        """Return the numbers and states of a player's slots as they are stored."""
        sql = "select number, state from slots where player_id = $1 order by number"
        return [(row[0], row[1]) for row in await self.pool.fetch(sql, player_id)]

    async def referral(self, player_id: int) -> Referral | None:
        """Return a player's referral as it is stored."""
        row = await self.pool.fetchrow(f"{REFERRALS.select} where player_id = $1", player_id)
        return None if row is None else REFERRALS.state_of(row)
