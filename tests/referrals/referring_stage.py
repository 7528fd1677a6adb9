"""Referrals' real handlers and stores in real turns, without NATS. What it says to itself it hears at once."""

from collections.abc import Sequence
from datetime import datetime

from turn_stage import NOON, Pool, TurnStage

from actors.clock import ManualClock
from actors.engine.delivery import Delivery
from actors.engine.turns import TurnResult
from contracts.berlin import day_of
from contracts.gameplay import PlayerJoined, PlayerPlayed
from contracts.message import Command, Contract, shape_of
from contracts.referrals import LinkKind, TouchLink
from referrals.app import SPEC
from referrals.domain.referral import Referral
from referrals.store.affiliate_pages import AffiliateBook
from referrals.store.members import REFERRALS

__all__ = ["NOON", "Pool", "Stage", "played"]


def played(player_id: int, ordinal: int, at: datetime) -> PlayerPlayed:
    """Return gameplay's word of an answer: the how-manieth of the player's, and when."""
    return PlayerPlayed(player_id=player_id, answered=ordinal, at=at, berlin_day=day_of(at).local)


class Stage(TurnStage):
    """Referrals as players and operators meet them."""

    def __init__(self, pool: Pool) -> None:
        clock = ManualClock(NOON)
        super().__init__(SPEC, pool, clock, {AffiliateBook: AffiliateBook(clock)})
        self.lost: tuple[type[Command], ...] = ()
        """What referrals says to itself of these kinds is not heard."""
        self.taken_by_jobs: list[Contract | None] = []

    async def _take_all(self, deliveries: Sequence[Delivery]) -> None:
        self.taken_by_jobs += [one.message for one in deliveries]
        await self._take(deliveries)

    async def _take(self, deliveries: Sequence[Delivery]) -> TurnResult:
        taken = await super()._take(deliveries)
        said = self.messages_of(taken)
        own = [one for one in said if isinstance(one, Command) and shape_of(type(one)).owner == "referrals"]
        if heard := [one for one in own if not isinstance(one, self.lost)]:
            await self.take(*heard)
        return taken

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
