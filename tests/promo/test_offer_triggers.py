"""Every offer of DOMAIN §8, fired at promo itself, and a thirteenth that is one declaration."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from offering import PLAYER, WEDNESDAY, credited, empty, moment, offered, played, premium
from redeeming_stage import Stage

from contracts.gameplay import Mode
from contracts.message import Contract
from contracts.payments import PremiumChanged, Product
from contracts.promo import ConsiderOffer, OfferSurface
from promo.domain import trigger as triggers
from promo.domain.sight import Sight
from promo.domain.trigger import PersonalDiscount, trigger
from promo.domain.triggers import declared

pytestmark = pytest.mark.services("promo")

MEGA, ENERGY, SAVER = Product.MEGA_PACK_15, Product.ENERGY_10, Product.STREAK_SAVER_20
STARTER, MONTH = Product.PREMIUM_STARTER, Product.PREMIUM_MONTH
LATE = WEDNESDAY.replace(hour=21)
FRIDAY_EVENING = WEDNESDAY + timedelta(days=2, hours=6)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LOCKED: dict[str, Any] = {"surface": OfferSurface.LOCKED, "mode": Mode.WORD_ORDER}
LATELY = [premium(1, WEDNESDAY - 9 * DAY, WEDNESDAY - 48 * HOUR)]


def taken_back(rank: int, begins: datetime, ends: datetime) -> PremiumChanged:
    """What payments says when a plan is refunded: its term ends there and then."""
    return msgspec.structs.replace(premium(rank, begins, ends, revision=2), changed_at=ends)


Scene = tuple[str, datetime, Sequence[Contract], ConsiderOffer, tuple[Product, ...], bool]

SCENES: Sequence[Scene] = (
    ("ENERGY_ZERO", WEDNESDAY, [], empty(), (ENERGY, MEGA, MONTH), True),
    ("STREAK_RISK_22", LATE, [played(LATE, 1)], moment(streak_days=15), (SAVER,), True),
    ("STARTER_EXPIRED", WEDNESDAY, LATELY, moment(), (MONTH,), True),
    ("LOCKED_MODE_CLICK", WEDNESDAY, [], moment(**LOCKED), (MEGA,), True),
    (
        "MEGA_THIRD_BUY",
        WEDNESDAY,
        [credited(MEGA, WEDNESDAY - days * DAY) for days in (1, 2, 13)],
        moment(),
        (STARTER,),
        True,
    ),
    ("COMEBACK_3D", WEDNESDAY, [played(WEDNESDAY, 3)], moment(), (MEGA,), True),
    ("ENERGY10_SECOND_BUY", WEDNESDAY, [credited(ENERGY, WEDNESDAY - days * DAY) for days in (1, 6)], moment(),
     (MEGA,), True),
    ("MONTH_EXPIRING", WEDNESDAY, [premium(2, WEDNESDAY - 27 * DAY, WEDNESDAY + 72 * HOUR)], moment(is_premium=True),
     (Product.PREMIUM_SEASON, Product.PREMIUM_YEAR), True),
    ("ENERGY_LOW", WEDNESDAY, [], moment(energy=3), (ENERGY,), False),
    ("STREAK_MILESTONE_30", WEDNESDAY, [], moment(streak_days=30), (SAVER, MONTH), True),
    ("STREAK_GT7", WEDNESDAY, [], moment(streak_days=8), (MEGA,), True),
    ("WEEKEND_FLASH", FRIDAY_EVENING, [], moment(), (MEGA,), False),
)  # fmt: skip

NEARLY: Sequence[tuple[str, datetime, Sequence[Contract], ConsiderOffer]] = (
    ("energy is one", WEDNESDAY, [], empty(energy=4)),
    ("premium has energy without end", WEDNESDAY, [], empty(is_premium=True)),
    ("a streak of 14 at 22:00", LATE, [played(LATE, 1)], moment(streak_days=7)),
    ("played today already", LATE, [played(LATE, 0)], moment(streak_days=7)),
    ("Starter ended 49 hours ago", WEDNESDAY, [premium(1, WEDNESDAY - 9 * DAY, WEDNESDAY - 49 * HOUR)], moment()),
    (
        "a Starter whose money went back",
        WEDNESDAY,
        [premium(1, WEDNESDAY - 3 * DAY, WEDNESDAY + 4 * DAY), taken_back(1, WEDNESDAY - 3 * DAY, WEDNESDAY - HOUR)],
        moment(),
    ),
    ("a Month that ended", WEDNESDAY, [premium(2, WEDNESDAY - 40 * DAY, WEDNESDAY - HOUR)], moment()),
    ("a locked mode under premium", WEDNESDAY, [], moment(is_premium=True, **LOCKED)),
    ("the third pack is 14 days old", WEDNESDAY, [credited(MEGA, WEDNESDAY - d * DAY) for d in (1, 2, 14)], moment()),
    ("away for two days", WEDNESDAY, [played(WEDNESDAY, 2)], moment()),
    ("bought 8 days ago", WEDNESDAY, [credited(ENERGY, WEDNESDAY - days * DAY) for days in (1, 8)], moment()),
    ("a Month with 73 hours left", WEDNESDAY, [premium(2, WEDNESDAY, WEDNESDAY + 73 * HOUR)], moment(is_premium=True)),
    ("four energy", WEDNESDAY, [], moment(energy=4)),
    ("a week", WEDNESDAY, [], moment(streak_days=7)),
    ("Friday before 18:00", FRIDAY_EVENING - timedelta(hours=1, seconds=1), [], moment()),
    ("Monday", WEDNESDAY - timedelta(days=2, hours=12), [], moment()),
)


async def _set(stage: Stage, now: datetime, words: Sequence[Contract]) -> None:
    stage.clock.advance(seconds=(now - stage.clock.now()).total_seconds())
    if words:
        await stage.take(*words)


@pytest.mark.parametrize("scene", SCENES, ids=[scene[0] for scene in SCENES])
async def test_an_offer_is_made_of_its_moment(stage: Stage, scene: Scene) -> None:
    name, now, words, asked, products, is_blocking = scene
    await _set(stage, now, words)
    made = await offered(stage, asked)
    assert made is not None
    assert (made.trigger, made.products, made.is_blocking) == (name, products, is_blocking)
    assert (made.player_id, made.surface, made.mode) == (PLAYER, asked.surface, asked.mode)


@pytest.mark.parametrize("scene", NEARLY, ids=[scene[0] for scene in NEARLY])
async def test_and_of_nothing_that_only_resembles_it(stage: Stage, scene: Any) -> None:
    _, now, words, asked = scene
    await _set(stage, now, words)
    assert await offered(stage, asked) is None


def test_the_table_of_the_rules_is_the_table_of_offers() -> None:
    priorities = (100, 95, 92, 90, 88, 85, 80, 70, 60, 55, 50, 40)
    table = [(one.name, one.priority, one.products, one.is_blocking) for one in declared()]
    assert table == [(s[0], priority, s[4], s[5]) for s, priority in zip(SCENES, priorities, strict=True)]


async def test_the_weekend_ends_with_sunday_in_berlin(stage: Stage) -> None:
    sunday_2259 = WEDNESDAY + timedelta(days=4, hours=11, minutes=59)
    await _set(stage, sunday_2259, [])
    made = await offered(stage, moment())
    assert made is not None
    assert made.trigger == "WEEKEND_FLASH"
    stage.wait(days=7, minutes=1)
    assert await offered(stage, moment()) is None


async def test_what_the_player_cannot_use_is_not_offered(stage: Stage) -> None:
    await stage.take(credited(SAVER, WEDNESDAY - DAY), premium(3, WEDNESDAY - DAY, WEDNESDAY + 80 * DAY))
    assert await offered(stage, moment(streak_days=31, is_premium=True)) is None
    stage.wait(days=7)
    made = await offered(stage, moment(streak_days=31, is_premium=True))
    assert made is not None
    assert made.products == (SAVER,)


async def test_a_plan_that_promo_has_not_heard_of_yet_is_offered_nothing_in_its_place(stage: Stage) -> None:
    """Gameplay knows that there is premium, and not which: payments would refuse what is not above it."""
    await stage.take(*(credited(MEGA, WEDNESDAY - days * DAY) for days in (1, 2, 13)))
    assert await offered(stage, moment(is_premium=True)) is None
    made = await offered(stage, moment(is_premium=True, streak_days=31))
    assert made is not None
    assert made.products == (SAVER,)


async def test_a_new_offer_is_one_declaration(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers, "_declared", dict(triggers._declared))

    @trigger("LUNCH", 200, ENERGY, is_blocking=False)
    def lunch(sight: Sight) -> bool:
        return sight.local.hour == 12

    made = await offered(stage, moment())
    assert made is not None
    assert (made.trigger, made.products) == ("LUNCH", (ENERGY,))
    stage.wait(hours=1)
    assert await offered(stage, moment()) is None


def test_an_offer_has_one_name_and_a_discount_has_bounds() -> None:
    with pytest.raises(TypeError, match="ENERGY_ZERO is declared twice"):
        trigger("ENERGY_ZERO", 1, ENERGY)(lambda _: True)
    for percent, hours in ((0, 1), (91, 1), (20, 49), (20, 0)):
        with pytest.raises(ValueError, match="48 hours"):
            PersonalDiscount(percent=percent, lasts=timedelta(hours=hours))
