"""An offer's personal discount (DOMAIN §8): a redemption without a code, as good as was promised, at most 48 hours."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from offering import PLAYER, WEDNESDAY, moment, offered, played
from redeeming_stage import Stage
from test_discounts import ONE, OTHER, credited, invoice, passed, refunded

from contracts.payments import (
    DiscountedProduct,
    DiscountReleased,
    HoldDiscount,
    OfferNote,
    Product,
    PurchaseFailed,
    ReleaseDiscount,
)
from contracts.promo import DiscountAppliedLate, DiscountExpired, DiscountRevoked, OfferMade
from promo.domain.prices import NoteStarPrice
from promo.domain.promise import RepeatPromise
from promo.handlers.discounts import expire_reservations
from promo.handlers.promises import repeat_promises

pytestmark = pytest.mark.services("promo")


@pytest.fixture
async def made(stage: Stage) -> OfferMade:
    await stage.take(played(WEDNESDAY, 4))
    found = await offered(stage, moment())
    assert found is not None
    return found


async def _redemption(stage: Stage, identifier: UUID) -> Any:
    return await stage.pool.fetchrow("select * from redemptions where id = $1", identifier)


async def _state(stage: Stage, made: OfferMade) -> str:
    return (await _redemption(stage, made.impression_id))["state"]


async def _asked_back(stage: Stage) -> list[UUID]:
    """Run the job; return the discounts that payments was asked for so far."""
    await stage.run(expire_reservations.due())
    return [one.redemption_id for one in stage.said if isinstance(one, ReleaseDiscount)]


async def test_it_is_reserved_with_the_offer_and_held_at_payments(stage: Stage, made: OfferMade) -> None:
    assert (made.trigger, made.percent, made.until) == ("COMEBACK_3D", 20, WEDNESDAY + timedelta(hours=48))
    (held,) = [one for one in stage.said if isinstance(one, HoldDiscount)]
    assert held == HoldDiscount(
        player_id=PLAYER, redemption_id=made.impression_id, percent=20, products=(Product.MEGA_PACK_15,),
        reserved_until=WEDNESDAY + timedelta(hours=48), offer=OfferNote(trigger="COMEBACK_3D"),
    )  # fmt: skip
    row = await _redemption(stage, made.impression_id)
    assert (row["state"], row["code_id"], row["batch_id"], row["campaign"]) == ("RESERVED", None, None, None)


async def test_the_offer_itself_has_the_prices(stage: Stage) -> None:
    """So nothing that payments says has to arrive for what is written to be shown."""
    await stage.take(NoteStarPrice(product=Product.MEGA_PACK_15, amount=17, valid_from=WEDNESDAY))
    await stage.take(played(WEDNESDAY, 4))
    found = await offered(stage, moment())
    assert found is not None
    assert found.prices == (DiscountedProduct(product=Product.MEGA_PACK_15, base_amount=17, amount=14),)


async def test_a_price_that_is_not_known_is_left_out(stage: Stage) -> None:
    await stage.pool.execute("delete from star_prices")
    await stage.take(played(WEDNESDAY, 4))
    found = await offered(stage, moment())
    assert found is not None
    assert found.prices == ()


async def _said_again(stage: Stage) -> list[HoldDiscount]:
    stage.said.clear()
    await stage.run(repeat_promises.due())
    return [one for one in stage.said if isinstance(one, HoldDiscount)]


async def test_word_of_it_that_is_lost_is_said_again(stage: Stage, made: OfferMade) -> None:
    """Or the player is promised a price that payments refuses for 48 hours."""
    (held,) = [one for one in stage.said if isinstance(one, HoldDiscount)]
    assert await _said_again(stage) == []
    for _ in range(4):
        stage.wait(minutes=1)
        assert await _said_again(stage) == [held]
    stage.wait(minutes=1, seconds=1)
    assert await _said_again(stage) == []


@pytest.mark.parametrize("end", ["bought", "let go"])
async def test_what_is_used_or_let_go_is_not_promised_again(stage: Stage, made: OfferMade, end: str) -> None:
    stage.wait(minutes=1)
    ended = DiscountReleased(player_id=PLAYER, redemption_id=made.impression_id)
    await stage.take(credited(made.impression_id) if end == "bought" else ended)
    assert await _said_again(stage) == []
    await stage.take(RepeatPromise(player_id=PLAYER, redemption_id=made.impression_id))  # it had been read before
    assert [one for one in stage.said if isinstance(one, HoldDiscount)] == []


async def test_no_invoice_makes_it_shorter_and_it_ends_after_its_time(stage: Stage, made: OfferMade) -> None:
    await stage.take(invoice(made.impression_id), passed(made.impression_id))
    lapsed = PurchaseFailed(
        player_id=PLAYER, purchase_id=ONE, product=Product.MEGA_PACK_15, reason="lapsed",
        redemption_id=made.impression_id,
    )  # fmt: skip
    await stage.take(lapsed)
    await stage.take(invoice(made.impression_id, OTHER))
    stage.wait(hours=47, minutes=59)
    assert await _asked_back(stage) == []
    stage.wait(minutes=1)
    assert await _asked_back(stage) == [made.impression_id]
    assert await _state(stage, made) == "RESERVED"
    await stage.take(DiscountReleased(player_id=PLAYER, redemption_id=made.impression_id))
    assert await _state(stage, made) == "EXPIRED"
    (ended,) = [one for one in stage.said if isinstance(one, DiscountExpired)]
    assert (ended.redemption_id, ended.campaign) == (made.impression_id, "")


async def test_bought_it_is_applied_and_refunded_revoked(stage: Stage, made: OfferMade) -> None:
    await stage.take(invoice(made.impression_id), passed(made.impression_id))
    await stage.take(credited(made.impression_id), credited(made.impression_id))
    assert await _state(stage, made) == "APPLIED"
    await stage.take(refunded(made.impression_id), refunded(made.impression_id))
    assert await _state(stage, made) == "REVOKED"
    assert len([one for one in stage.said if isinstance(one, DiscountRevoked)]) == 1


async def test_late_money_is_honoured(stage: Stage, made: OfferMade) -> None:
    await stage.take(DiscountReleased(player_id=PLAYER, redemption_id=made.impression_id))
    stage.wait(hours=49)
    await stage.take(played(WEDNESDAY, 4))
    again = await offered(stage, moment())
    assert again is not None
    await stage.take(credited(made.impression_id))
    assert await _state(stage, made) == "APPLIED_LATE"
    assert await _asked_back(stage) == []  # the other promise stands
    (late,) = [one for one in stage.said if isinstance(one, DiscountAppliedLate)]
    assert (late.campaign, late.overrun) == ("", 0)


async def test_the_database_knows_codes_and_promises_apart(stage: Stage, made: OfferMade) -> None:
    with pytest.raises(Exception, match="redemptions_of_a_code_or_promised"):
        await stage.pool.execute("update redemptions set promised_until = null where id = $1", made.impression_id)
