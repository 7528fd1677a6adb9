"""What becomes of an offer (DOMAIN §8): clicks, dismissals and purchases are its own, in any order of words."""

from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from offering import HELD_OUT, PLAYER, WEDNESDAY, credited, empty, offered, refunded, row, tapped
from redeeming_stage import Stage

from contracts.message import Contract
from contracts.payments import Product, Provider, PurchaseCredited, PurchaseRestated
from contracts.promo import NoteOfferTap, OfferMade, OfferTap, offer_surface

pytestmark = pytest.mark.services("promo")

LATER = WEDNESDAY + timedelta(hours=1)


@pytest.fixture
async def made(stage: Stage) -> OfferMade:
    found = await offered(stage, empty())
    assert found is not None
    return found


def bought(made: OfferMade, number: int = 900) -> PurchaseCredited:
    surface = offer_surface(made.impression_id)
    return credited(Product.MEGA_PACK_15, WEDNESDAY + timedelta(minutes=5), number, surface=surface)


def restated(event: PurchaseCredited, *, is_refunded: bool = False) -> PurchaseRestated:
    return PurchaseRestated(
        hearer="promo", player_id=event.player_id, purchase_id=event.purchase_id, product=event.product,
        amount=event.amount, currency=event.currency, provider=Provider.TELEGRAM, charge_id=event.charge_id,
        credited_at=event.credited_at, refunded_at=LATER if is_refunded else None, surface=event.surface, as_of=LATER,
    )  # fmt: skip


async def figures(stage: Stage) -> tuple[int, ...]:
    """Return impressions, clicks, dismissals and conversions of the hours."""
    asked = "select sum(impressions), sum(clicks), sum(dismissals), sum(conversions) from offer_hours"
    return tuple((await stage.pool.fetch(asked))[0])


async def test_each_kind_of_answer_counts_once_in_its_own_column(stage: Stage, made: OfferMade) -> None:
    for tap in (OfferTap.BUY, OfferTap.BUY, OfferTap.DISMISS, OfferTap.MUTE, OfferTap.MUTE):
        stage.wait(minutes=1)
        await tapped(stage, made, tap)
    found = await row(stage, made.impression_id)
    minutes = [found[name] - WEDNESDAY for name in ("clicked_at", "dismissed_at", "muted_at")]
    assert minutes == [timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=4)]
    assert await figures(stage) == (1, 1, 1, 0)


async def test_only_ones_own_offers_are_answered(stage: Stage, made: OfferMade) -> None:
    forged = [
        NoteOfferTap(player_id=PLAYER + 1, impression_id=made.impression_id, tap=OfferTap.BUY),
        NoteOfferTap(player_id=PLAYER, impression_id=UUID(int=4), tap=OfferTap.MUTE),
    ]
    await stage.take(*forged)
    others = bought(made)
    await stage.take(credited(Product.MEGA_PACK_15, LATER, player_id=PLAYER + 1, surface=others.surface))
    assert await figures(stage) == (1, 0, 0, 0)
    assert (await row(stage, made.impression_id))["purchases"] == 0


async def test_what_was_withheld_has_no_buttons(stage: Stage) -> None:
    """Whoever forges one of it clicks, mutes and converts nothing."""
    await stage.take(empty(HELD_OUT))
    identifier = await stage.pool.fetchval("select id from impressions")
    await stage.take(NoteOfferTap(player_id=HELD_OUT, impression_id=identifier, tap=OfferTap.MUTE))
    await stage.take(credited(Product.ENERGY_10, LATER, player_id=HELD_OUT, surface=offer_surface(identifier)))
    assert await figures(stage) == (1, 0, 0, 0)
    assert tuple((await stage.pool.fetch("select impression_id, is_withheld from purchases"))[0]) == (None, True)


async def test_a_purchase_by_its_button_is_a_conversion_until_it_is_given_back(stage: Stage, made: OfferMade) -> None:
    one, other = bought(made), bought(made, 901)
    await stage.take(one, one)
    await stage.take(other)
    assert ((await row(stage, made.impression_id))["purchases"], await figures(stage)) == (2, (1, 0, 0, 1))
    await stage.take(refunded(one, LATER))
    assert ((await row(stage, made.impression_id))["purchases"], await figures(stage)) == (1, (1, 0, 0, 1))
    await stage.take(refunded(other, LATER), refunded(other, LATER))
    assert ((await row(stage, made.impression_id))["purchases"], await figures(stage)) == (0, (1, 0, 0, 0))


async def test_a_purchase_elsewhere_is_none(stage: Stage, made: OfferMade) -> None:
    for surface in ("shop", "", "offer-", "offer-x", f"offer-{'!' * 22}", made.impression_id.hex):
        await stage.take(credited(Product.MEGA_PACK_15, LATER, surface=surface))
    assert await figures(stage) == (1, 0, 0, 0)


def _orders() -> list[tuple[str, ...]]:
    words = ("credited", "refunded", "restated", "restated refunded")
    return [order for length in (2, 3, 4) for order in permutations(words, length)]


@pytest.mark.parametrize("order", _orders(), ids="-".join)
async def test_whatever_the_order_of_words_the_books_are_the_same(
    stage: Stage, made: OfferMade, order: tuple[str, ...]
) -> None:
    purchase = bought(made)
    words: dict[str, Contract] = {
        "credited": purchase,
        "refunded": refunded(purchase, LATER),
        "restated": restated(purchase),
        "restated refunded": restated(purchase, is_refunded=True),
    }
    for word in (*order, *order):
        await stage.take(words[word])
    stands = not any("refunded" in word for word in order)
    known: Any = await stage.pool.fetchrow("select credited_at, refunded_at, impression_id, offered_at from purchases")
    assert known["refunded_at"] == (None if stands else LATER)
    assert known["impression_id"] == made.impression_id
    if any(word != "refunded" for word in order):
        assert (known["credited_at"], known["offered_at"]) == (purchase.credited_at, WEDNESDAY)
    assert (await figures(stage))[3] == int(stands)
    recent = await stage.pool.fetchval("select purchases from prospects where player_id = $1", PLAYER)
    assert (recent != "[]") == stands
