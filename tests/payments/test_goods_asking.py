"""Asking gameplay for its books: page by page to the end, and silence is never taken for even (DOMAIN §6)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from goods_stage import Both
from till import NOON

from contracts.gameplay import (
    GoodsView,
    GrantHeld,
    GrantsAnswer,
    PremiumAnswer,
    PremiumHeld,
    PremiumQuery,
)
from contracts.payments import (
    Product,
    ReconciliationDiffDetected,
)
from payments.domain.goods import GoodsDiffKind as K
from payments.handlers import goods
from payments.handlers.goods import compare_changes, compare_everything
from payments.providers import gameplay_books
from payments.providers.gameplay_books import GameplayBooks
from payments.store.goods import GoodsRun

pytestmark = pytest.mark.services("payments")


@pytest.fixture
def both(pool: "asyncpg.Pool[asyncpg.Record]") -> Both:
    return Both(pool)


@pytest.fixture
async def busy(both: Both) -> Both:
    """Half an hour ago: goods, premium, and goods that were refunded; gameplay heard of all of it."""
    both.clock.set(NOON - timedelta(minutes=30))
    await both.sale(1)
    await both.sale(2, player_id=8, product=Product.PREMIUM_MONTH)
    await both.refund(await both.sale(3, player_id=9, product=Product.MEGA_PACK_15))
    both.deliver()
    both.clock.set(NOON)
    return both


def found(run: GoodsRun) -> list[K]:
    return [diff.kind for diff in run.diffs]


async def test_silence_is_never_taken_for_even(busy: Both):
    await busy.compare(compare_changes.due())
    lost = await busy.sale(4)
    busy.lose()
    busy.gameplay.is_silent = True
    busy.wait(minutes=60)
    run = await busy.compare(compare_changes.due())
    assert (run.diff_count, "NoRespondersError" in run.unanswered) == (0, True)
    nightly = await busy.compare(compare_everything.due())
    assert (found(nightly), nightly.repaired) == ([K.NOT_COMPARED], 0)
    busy.wait(minutes=15)
    assert found(await busy.compare(compare_changes.due())) == [K.NOT_COMPARED]
    assert len(busy.told(ReconciliationDiffDetected)) == 2
    # What was lost while nobody answered is found once somebody does, however long that took.
    busy.gameplay.is_silent = False
    busy.wait(hours=5)
    after = await busy.compare(compare_changes.due())
    assert (found(after), str(lost.purchase_id) in after.diffs[0].line) == ([K.NOT_GIVEN], True)


async def test_a_service_that_was_never_compared_is_silent_from_the_first_try_on(both: Both):
    both.gameplay.is_silent = True
    assert (await both.compare(compare_changes.due())).diff_count == 0
    both.wait(minutes=61)
    assert found(await both.compare(compare_changes.due())) == [K.NOT_COMPARED]


async def test_pages_are_followed_to_their_end(busy: Both, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(goods, "PAGE", 2)
    for number in range(4, 9):
        await busy.sale(number, player_id=number)
    busy.lose()
    busy.wait(minutes=6)
    assert (await busy.compare(compare_everything.due())).repaired == 5


async def test_gameplay_is_asked_page_by_page_to_the_end(monkeypatch: pytest.MonkeyPatch):
    class Answering:
        """Gameplay at the other end."""

        def __init__(self) -> None:
            self.asked: list[Any] = []

        async def query(self, asked: Any, *, timeout_seconds: float) -> Any:
            self.asked.append(asked)
            numbers = [n for n in range(1, 6) if asked.after is None or n > int(asked.after)][: asked.limit]
            if isinstance(asked, PremiumQuery):
                return PremiumAnswer(players=tuple(PremiumHeld(player_id=n, revision=1, terms=()) for n in numbers))
            nothing = GoodsView()
            held = [
                GrantHeld(grant_id=UUID(int=n), player_id=n, heard=nothing, given=nothing, taken=nothing)
                for n in numbers
            ]
            return GrantsAnswer(grants=tuple(held))

    monkeypatch.setattr(gameplay_books, "PAGE", 2)
    answering = Answering()
    books = GameplayBooks(answering)  # type: ignore[arg-type]
    pages = [ids async for ids in books.all_grants(NOON)]
    assert [[one.int for one in ids] for ids in pages] == [[1, 2], [3, 4], [5]]
    assert {asked.since for asked in answering.asked} == {NOON}
    assert [ids async for ids in books.all_premium()] == [[1, 2], [3, 4], [5]]
