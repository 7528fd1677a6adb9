"""Telegram Premium as a gift (DOMAIN §9, payout): one call, whatever its answer, and the list has the last word."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from till import DUES, NOON, World, reconciled

from actors.effects import Again, Attempt, Done, EffectResult
from contracts.message import Command
from contracts.payments import (
    GiftState,
    GiveTelegramPremium,
    Provider,
    SettleDiff,
    SettleGift,
    SettlementKind,
    TelegramPremiumGiven,
    TelegramPremiumNotGiven,
)
from payments.domain.recovery import RecoverySettings
from payments.domain.telegram_gift import TelegramGift
from payments.handlers.telegram_gifts import GiftAtTelegram, give_at_telegram, look_gifts_up
from payments.providers import (
    ProviderDeniedError,
    ProviderRefusedError,
    ProviderUnavailableError,
    ProviderUntouchedError,
)
from payments.store.telegram_gifts import GiftCalls, GiftStore, read_called

pytestmark = pytest.mark.services("payments")

DENIED_AFTER = RecoverySettings().gift_denied
LOST = ProviderUnavailableError("giftPremiumSubscription: no answer (TimeoutError)")


class Giving(World):
    """Payments, whose gifts are performed by hand."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        super().__init__(pool)
        self.calls = GiftCalls(pool)
        self.stars.gift_at = self.clock.now
        self.stars.take("before", 10_000, 1, "", NOON - timedelta(days=1))

    async def ask(self, number: int = 1, months: int = 3, player_id: int = 7) -> UUID:
        gift_id = UUID(int=number)
        await self.send(GiveTelegramPremium(player_id=player_id, gift_id=gift_id, months=months))
        return gift_id

    async def call(self, number: int = 1, months: int = 3, player_id: int = 7) -> EffectResult:
        """The effect, and what comes of it is heard."""
        stars = {3: 1000, 6: 1500, 12: 2500}[months]
        effect = GiftAtTelegram(UUID(int=number), player_id, months, stars)
        attempt = Attempt(effect_id="e", number=1, ordering_key="gift:7", created_at=NOON, now=self.now)
        result = await give_at_telegram(effect, self.providers, self.calls, attempt)
        if isinstance(result, Done):
            for message in result.messages:
                assert isinstance(message, Command)
                await self.send(message)
        return result

    async def gift(self, number: int = 1) -> TelegramGift:
        async with self.pool.acquire() as connection, connection.transaction():
            return (await GiftStore().load(connection, [UUID(int=number)]))[UUID(int=number)]

    async def look(self) -> None:
        await self.run(look_gifts_up.due(), firing=str(self.now))

    def outcomes(self) -> list[type]:
        return [type(one) for one in self.said if isinstance(one, TelegramPremiumGiven | TelegramPremiumNotGiven)]


@pytest.fixture
def world(pool: "asyncpg.Pool[asyncpg.Record]") -> Giving:
    return Giving(pool)


@pytest.mark.parametrize("months", [3, 6, 12])
async def test_a_gift_is_given_told_and_found_in_the_list(world: Giving, months: int) -> None:
    await world.ask(months=months)
    assert [kind for kind, _ in world.effects] == ["GiftAtTelegram"]
    await world.call(months=months)
    (told,) = world.told(TelegramPremiumGiven)
    assert (told.player_id, told.months, told.stars) == (7, months, {3: 1000, 6: 1500, 12: 2500}[months])
    await world.look()
    assert ((await world.gift()).state, (await world.gift()).row_id) == (GiftState.GIVEN, "g1")
    assert world.outcomes() == [TelegramPremiumGiven]


async def test_asked_again_it_is_performed_once_and_told_again(world: Giving) -> None:
    await world.ask()
    await world.ask()
    assert len(world.effects) == 1
    await world.call()
    await world.ask()
    assert (len(world.effects), world.outcomes(), world.stars.gifts) == (1, [TelegramPremiumGiven] * 2, 1)


async def test_months_that_telegram_does_not_sell_are_refused(world: Giving) -> None:
    await world.ask(months=4)
    (told,) = world.told(TelegramPremiumNotGiven)
    assert ("months: 4" in told.reason, world.effects) == (True, [])


@pytest.mark.parametrize("took_effect", [True, False])
async def test_a_lost_answer_is_looked_up_and_the_call_not_repeated(world: Giving, took_effect: bool) -> None:
    world.stars.gift_answer, world.stars.gift_takes_effect = LOST, took_effect
    await world.ask()
    await world.call()
    await world.call()  # a crash before the result was settled has the effect performed again
    assert (world.stars.gifts, (await world.gift()).state, world.outcomes()) == (1, GiftState.UNSURE, [])
    world.wait(minutes=5)
    await world.look()
    assert (await world.gift()).state == (GiftState.GIVEN if took_effect else GiftState.UNSURE)
    world.clock.set(NOON + DENIED_AFTER)
    await world.look()
    assert world.outcomes() == [TelegramPremiumGiven if took_effect else TelegramPremiumNotGiven]
    assert world.stars.gifts == 1


async def test_a_list_that_lacks_what_the_balance_has_denies_nothing(world: Giving) -> None:
    world.stars.gift_answer = LOST
    await world.ask()
    await world.call()
    world.stars.lost = 1000  # Telegram took the Stars, and its list does not say so yet
    world.wait(hours=3)
    await world.look()
    assert ((await world.gift()).state, world.outcomes()) == (GiftState.UNSURE, [])
    world.stars.lost = 0
    world.stars.give("late", 7, 1000, NOON)
    await world.look()
    assert ((await world.gift()).row_id, world.outcomes()) == ("late", [TelegramPremiumGiven])


async def test_a_purchase_of_exactly_its_price_while_the_balance_is_asked_for_denies_nothing(world: Giving) -> None:
    world.stars.gift_answer = LOST
    await world.ask()
    await world.call()
    world.stars.lost = 1000  # Telegram gave it, and its list does not say so yet
    world.clock.set(NOON + DENIED_AFTER)
    purchases = (f"p{number}" for number in range(100))
    weighed = world.stars.star_balance

    async def bought_meanwhile() -> Any:
        world.stars.take(next(purchases), 1000, 9, "", world.now)
        return await weighed()

    world.stars.star_balance = bought_meanwhile
    await world.look()
    assert ((await world.gift()).state, world.outcomes()) == (GiftState.UNSURE, [])
    world.stars.star_balance, world.stars.lost = weighed, 0
    world.wait(minutes=5)
    await world.look()
    assert world.outcomes() == [TelegramPremiumNotGiven]


async def test_gifts_that_are_settled_keep_no_other_from_being_looked_up(world: Giving) -> None:
    sql = """insert into telegram_gifts (gift_id, player_id, months, stars, state, asked_at, settled_at, reason)
        select gen_random_uuid(), 1000 + n, 3, 1000, 'GIVEN', $1, $1, 'mira: seen' from generate_series(1, 450) as n"""
    await world.pool.execute(sql, NOON - timedelta(days=1))
    await world.pool.execute("insert into telegram_gift_calls select gift_id, asked_at from telegram_gifts")
    world.stars.gift_answer, world.stars.gift_takes_effect = LOST, True
    await world.ask()
    await world.call()
    world.wait(minutes=5)
    await world.look()
    assert (await world.gift()).state is GiftState.GIVEN
    async with world.pool.acquire() as connection:
        assert len(await read_called(connection, world.now)) == 450
        assert await read_called(connection, world.now + timedelta(days=31)) == []


async def test_a_gift_that_nobody_asked_for_is_a_diff_until_a_person_explains_it(world: Giving) -> None:
    await world.ask()
    await world.call()
    await world.look()
    world.stars.give("by hand", 8, 1000, NOON)
    assert (await reconciled(world, DUES[0])).diff_count == 0  # its gift may not be known yet
    world.wait(minutes=61)
    run = await reconciled(world, DUES[0])
    assert [(diff.kind, diff.charge_id) for diff in run.diffs] == [("gift_not_ours", "by hand")]
    assert [diff.kind for diff in (await reconciled(world, DUES[1])).diffs] == ["gift_not_ours"]
    await world.send(_explained("by hand"))
    assert (await reconciled(world, DUES[1])).diff_count == 0


def _explained(charge_id: str) -> SettleDiff:
    kind = SettlementKind.ACKNOWLEDGED
    return SettleDiff(provider=Provider.TELEGRAM, charge_id=charge_id, kind=kind, note="a raffle")


async def test_a_list_that_is_away_denies_nothing(world: Giving) -> None:
    world.stars.gift_answer = LOST
    await world.ask()
    await world.call()
    world.wait(hours=3)
    world.stars.away = True
    await world.look()
    assert (await world.gift()).state is GiftState.UNSURE


@pytest.mark.parametrize(
    "answer",
    [ProviderUntouchedError("429", 7), ProviderUntouchedError("not reached"), ProviderDeniedError("401", "401")],
)
async def test_what_telegram_certainly_did_not_do_is_asked_again(world: Giving, answer: Exception) -> None:
    await world.ask()
    world.stars.gift_answer = answer
    result = await world.call()
    assert isinstance(result, Again)
    world.stars.gift_answer = None
    await world.call()
    assert (world.stars.gifts, world.outcomes()) == (2, [TelegramPremiumGiven])
    assert await world.value("select count(*) from provider_transactions") == 0
    await world.look()
    assert len([row for row in world.stars.rows if row.movement == "PREMIUM_GIFT"]) == 1


async def test_a_refusal_ends_it_with_telegrams_words(world: Giving) -> None:
    await world.ask()
    world.stars.gift_answer = ProviderRefusedError("BALANCE_TOO_LOW", "400 BALANCE_TOO_LOW")
    await world.call()
    (told,) = world.told(TelegramPremiumNotGiven)
    assert (told.reason, (await world.gift()).state) == ("BALANCE_TOO_LOW", GiftState.FAILED)


async def test_what_was_denied_and_shows_up_all_the_same_was_given(world: Giving) -> None:
    world.stars.gift_answer = LOST
    await world.ask()
    await world.call()
    world.clock.set(NOON + DENIED_AFTER)
    await world.look()
    world.stars.give("late", 7, 1000, NOON)
    world.wait(minutes=5)
    await world.look()
    assert world.outcomes() == [TelegramPremiumNotGiven, TelegramPremiumGiven]


async def test_a_row_is_the_gift_s_in_whose_time_it_is(world: Giving) -> None:
    world.stars.gift_answer = LOST
    await world.ask(1)
    await world.call(1)
    world.clock.set(NOON + DENIED_AFTER)
    await world.look()
    world.stars.gift_answer = None
    world.wait(minutes=1)
    await world.ask(2)
    await world.call(2)
    await world.look()
    states: list[Any] = [((await world.gift(number)).state, (await world.gift(number)).row_id) for number in (1, 2)]
    assert states == [(GiftState.FAILED, None), (GiftState.GIVEN, "g2")]


async def test_another_player_s_row_or_price_is_not_the_gift_s(world: Giving) -> None:
    world.stars.gift_answer = LOST
    await world.ask()
    await world.call()
    world.stars.give("other", 8, 1000, NOON)
    world.stars.give("dear", 7, 1500, NOON)
    world.stars.give("early", 7, 1000, NOON - timedelta(minutes=3))
    await world.look()
    assert (await world.gift()).state is GiftState.UNSURE


@pytest.mark.parametrize("given", [True, False])
async def test_a_person_settles_what_is_unsure_and_nothing_else(world: Giving, given: bool) -> None:
    await world.ask()
    word = SettleGift(gift_id=UUID(int=1), given=given, note="looked at it")
    await world.send(word)
    assert (await world.gift()).state is GiftState.ASKED
    world.stars.gift_answer = LOST
    await world.call()
    await world.send(word)
    await world.send(SettleGift(gift_id=UUID(int=1), given=not given, note="no"))
    assert (await world.gift()).state == (GiftState.GIVEN if given else GiftState.FAILED)
    assert world.outcomes() == [TelegramPremiumGiven if given else TelegramPremiumNotGiven]


async def test_gifts_are_booked_and_no_diff(world: Giving) -> None:
    await world.ask()
    await world.call()
    world.wait(hours=2)
    await world.look()
    assert (await reconciled(world, DUES[1])).diff_count == 0
    assert await world.value("select balance from ledger_balances where account = 'house:STARS:PREMIUM_GIFT'") == (
        1000 * 10**9
    )


async def test_a_gift_that_the_list_never_shows_is_a_diff(world: Giving) -> None:
    await world.ask()
    await world.call()
    world.stars.rows = [row for row in world.stars.rows if row.movement != "PREMIUM_GIFT"]
    world.wait(hours=2)
    run = await reconciled(world, DUES[1])
    assert [diff.kind for diff in run.diffs if diff.kind == "gift_not_listed"] == ["gift_not_listed"]
