"""What gameplay holds of what payments granted: once by its id, whatever the message (DOMAIN §6)."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from gameplay_resources import resources
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors.clock import ManualClock
from actors.endpoints import Endpoint
from actors.engine.delivery import Delivery, local
from actors.engine.turns import Turns
from contracts.envelope import first_envelope
from contracts.gameplay import GoodsView, GrantHeld, GrantsQuery, GrantTakenBack, PremiumQuery
from contracts.message import Contract, decode, find
from contracts.payments import EntitlementGranted, EntitlementRevoked, PremiumChanged, PremiumTerm
from gameplay.app import SPEC
from gameplay.domain.bank import QuestionBank
from gameplay.domain.journal import Entry
from gameplay.handlers.books import query_grants, query_premium

NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
PACK = GoodsView(paid_energy=15, mode_hours=24)


def granted(number: int, player_id: int = 7, at: datetime = NOON, **goods: int) -> EntitlementGranted:
    given_goods = goods or {"paid_energy": 15, "mode_hours": 24}
    return EntitlementGranted(
        player_id=player_id, grant_id=UUID(int=number), reason="MEGA_PACK_15", granted_at=at, **given_goods
    )


def revoked(number: int, player_id: int = 7, at: datetime = NOON) -> EntitlementRevoked:
    return EntitlementRevoked(player_id=player_id, grant_id=UUID(int=number), reason="refund", revoked_at=at)


# -- in any order -------------------------------------------------------------------------------

_EVENTS = [event for number in (1, 2, 3) for event in (granted(number), revoked(number))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    heard=st.lists(st.sampled_from(_EVENTS), max_size=12).flatmap(
        lambda some: st.permutations([*some, *(event for event in _EVENTS if event in some)])
    )
)
def test_grants_end_the_same_in_whatever_order_and_however_often_they_are_told(
    heard: list[Any], make_table: Callable[[int], Any]
):
    """Each message has an id of its own, as when it is told again: the grant's id alone makes it one."""
    table = make_table(7)

    async def hear() -> None:
        for event in heard:
            await table.send(event)

    asyncio.run(hear())
    given_ids = {event.grant_id for event in heard if isinstance(event, EntitlementGranted)}
    gone_ids = {event.grant_id for event in heard if isinstance(event, EntitlementRevoked)}
    assert table.player.energy.paid == 15 * len(given_ids - gone_ids)
    causes = [(entry.cause, entry.asset) for entry in table.records if isinstance(entry, Entry)]
    assert len(causes) == len(set(causes))
    assert {one.grant_id for one in table.told(GrantTakenBack)} == gone_ids
    assert len(table.told(GrantTakenBack)) == len(gone_ids)
    assert {one for one, grant in table.grants.items() if grant.granted_at is not None} == given_ids
    assert {one for one, grant in table.grants.items() if grant.revoked_at is not None} == gone_ids


# -- on real Postgres ---------------------------------------------------------------------------


class Gameplay:
    """Gameplay's real turns, and its books as payments asks for them."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", bank: QuestionBank) -> None:
        self.pool = pool
        self.clock = ManualClock(NOON)
        self.turns = [
            Turns(SPEC.actor, pool=pool, clock=self.clock, resources=resources(bank, pool, self.clock))
            for _ in range(2)
        ]
        self.said: list[Any] = []
        self._count = 0
        self._door = Endpoint(clock=self.clock, acquire=pool.acquire, resources={})

    def delivery(self, message: Contract) -> Delivery:
        self._count += 1
        identifier = f"told-{self._count}"
        return local(message, first_envelope(message, identifier=identifier, time=NOON, source="payments"))

    async def hear(self, *messages: Contract, replica: int = 0) -> None:
        taken = await self.turns[replica].take([self.delivery(message) for message in messages])
        assert not taken.failed, taken.failed
        self.said += [decode(find(row.headers["ce-type"]), row.body) for row in taken.outbox]

    async def grants(self, **asked: Any) -> tuple[GrantHeld, ...]:
        return (await query_grants(GrantsQuery(**asked), self._door)).grants

    async def premium(self, **asked: Any) -> Any:
        return (await query_premium(PremiumQuery(**asked), self._door)).players

    async def balances(self) -> tuple[int, int]:
        """Paid energy of all players, and what the journal adds up to."""
        async with self.pool.acquire() as connection:
            has = await connection.fetchval("select coalesce(sum(energy_paid), 0)::int from players")
            sql = "select coalesce(sum(amount), 0)::int from journal where asset = 'PAID_ENERGY'"
            return has, await connection.fetchval(sql)


@pytest.fixture
def gameplay(pool: "asyncpg.Pool[asyncpg.Record]", shipped: QuestionBank) -> Gameplay:
    return Gameplay(pool, shipped)


@pytest.mark.services("gameplay")
async def test_a_grant_told_by_many_messages_in_many_turns_at_once_is_given_once(gameplay: Gameplay):
    """Message ids differ, so the inbox lets each of them through."""
    await asyncio.gather(*(gameplay.hear(granted(1), granted(1), replica=number % 2) for number in range(6)))
    assert await gameplay.balances() == (15, 15)
    await asyncio.gather(*(gameplay.hear(revoked(1), granted(1), replica=number % 2) for number in range(6)))
    assert await gameplay.balances() == (0, 0)
    assert [type(one) for one in gameplay.said].count(GrantTakenBack) == 1


@pytest.mark.services("gameplay")
async def test_a_grant_is_told_with_what_was_heard_given_and_taken_back(gameplay: Gameplay):
    await gameplay.hear(granted(1), granted(2, player_id=8), granted(3), revoked(4))
    async with gameplay.pool.acquire() as connection:
        await connection.execute("update players set energy_paid = 4 where id = 7")
    gameplay.clock.set(NOON + timedelta(hours=2))
    await gameplay.hear(revoked(1, at=NOON + timedelta(hours=1)), granted(4))
    one, two, _, four = await gameplay.grants()
    assert (one.player_id, one.heard, one.given, one.taken) == (7, PACK, PACK, GoodsView(paid_energy=4, mode_hours=24))
    assert (one.granted_at, one.revoked_at) == (NOON, NOON + timedelta(hours=1))
    assert one.changed_at == NOON + timedelta(hours=2)
    assert (two.player_id, two.given, two.taken, two.revoked_at) == (8, PACK, GoodsView(), None)
    # Its revocation came first: it was heard of, and nothing was given.
    assert (four.heard, four.given, four.taken, four.granted_at) == (PACK, GoodsView(), GoodsView(), NOON)
    taken_back = gameplay.said[-1]
    assert (taken_back.grant_id, taken_back.missing_paid_energy) == (UUID(int=1), 11)


@pytest.mark.services("gameplay")
async def test_grants_are_told_by_their_ids_page_by_page_or_since_a_moment(gameplay: Gameplay):
    await gameplay.hear(*(granted(number) for number in range(1, 6)))
    gameplay.clock.set(NOON + timedelta(hours=1))
    await gameplay.hear(revoked(2), granted(6))

    def numbers(held: tuple[GrantHeld, ...]) -> list[int]:
        return [one.grant_id.int for one in held]

    assert numbers(await gameplay.grants(ids=(UUID(int=3), UUID(int=9), UUID(int=1)))) == [1, 3]
    assert numbers(await gameplay.grants(ids=())) == []
    assert numbers(await gameplay.grants(limit=4)) == [1, 2, 3, 4]
    assert numbers(await gameplay.grants(limit=4, after=UUID(int=4))) == [5, 6]
    since = NOON + timedelta(minutes=30)
    assert numbers(await gameplay.grants(since=since, limit=1)) == [2]
    assert numbers(await gameplay.grants(since=since, limit=1, after=UUID(int=2))) == [6]


@pytest.mark.services("gameplay")
async def test_premium_is_told_with_its_revision(gameplay: Gameplay):
    month = PremiumTerm(begins=NOON, ends=NOON + timedelta(days=30), rank=2)
    for player_id in (7, 8, 9):
        terms = (month,) if player_id != 9 else ()
        await gameplay.hear(PremiumChanged(player_id=player_id, revision=3, terms=terms, changed_at=NOON))
    await gameplay.hear(granted(1, player_id=10))
    told = await gameplay.premium()
    assert [(one.player_id, one.revision, one.terms) for one in told] == [
        (7, 3, (month,)), (8, 3, (month,)), (9, 3, ())
    ]  # fmt: skip
    assert [one.player_id for one in await gameplay.premium(after=7, limit=1)] == [8]
    assert [one.player_id for one in await gameplay.premium(player_ids=(9, 10, 11))] == [9]
