"""Promo's projection of players (DOMAIN §8): the same whatever the order of words, and however often they come."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offering import PLAYER, WEDNESDAY, premium, streak
from redeeming_stage import Stage

from contracts.gameplay import PlayerRestated
from contracts.payments import PremiumRestated
from promo.domain.prospect import Prospect
from promo.handlers.prospects import hear_restated

pytestmark = pytest.mark.services("promo")

TODAY = date(2026, 3, 4)
DAY = timedelta(days=1)


def restated(days: int, settled_on: date | None, active_on: date | None) -> PlayerRestated:
    return PlayerRestated(
        hearer="promo", player_id=PLAYER, joined_at=WEDNESDAY, language="de", answered=1, right=1,
        active_on=active_on, streak_days=days, streak_settled_on=settled_on, as_of=WEDNESDAY,
    )  # fmt: skip


WORDS: tuple[Any, ...] = (
    streak(5, TODAY - 3 * DAY),
    streak(5, TODAY - DAY, is_played=False),  # the missed day was frozen
    streak(6, TODAY - DAY),
    streak(0, TODAY + 2 * DAY, is_played=False),  # lost
    streak(1, TODAY + 2 * DAY),
    restated(5, TODAY - 3 * DAY, TODAY - 3 * DAY),
    restated(5, TODAY - 2 * DAY, TODAY - 3 * DAY),
    restated(6, TODAY - DAY, TODAY - DAY),
    restated(0, TODAY + DAY, TODAY - DAY),
    restated(0, None, None),
    premium(1, WEDNESDAY - DAY, WEDNESDAY, revision=1),
    premium(2, WEDNESDAY, WEDNESDAY + 30 * DAY, revision=2),
    premium(3, WEDNESDAY, WEDNESDAY + 90 * DAY, revision=3),
)


def _hear(prospect: Prospect, word: Any) -> None:
    if isinstance(word, PlayerRestated):
        hear_restated(word, prospect)
    elif hasattr(word, "terms"):
        prospect.hear_premium(word.revision, word.terms, word.changed_at)
    else:
        is_played = word.streak.state == "active_today"
        prospect.hear_streak(word.streak.days, word.berlin_day, is_played=is_played)


@given(st.permutations(WORDS), st.lists(st.sampled_from(WORDS), max_size=5))
def test_words_in_any_order_and_again_leave_the_same(order: list[Any], again: list[Any]) -> None:
    one, other = Prospect(PLAYER), Prospect(PLAYER)
    for word in WORDS:
        _hear(one, word)
    for word in (*order, *again):
        _hear(other, word)
    assert one == other
    assert (one.streak.days, one.streak.active_on, one.premium.rank) == (1, TODAY + 2 * DAY, 3)


def test_an_older_day_and_an_older_revision_change_nothing() -> None:
    prospect = Prospect(PLAYER)
    for word in (WORDS[4], WORDS[0], WORDS[12], WORDS[10]):
        _hear(prospect, word)
    assert (prospect.streak.days, prospect.premium.rank) == (1, 3)


@pytest.mark.parametrize(
    ("told", "days", "on"),
    [
        (restated(6, TODAY, TODAY), 6, TODAY),
        (restated(6, TODAY - DAY, TODAY - 2 * DAY), 6, TODAY),
        (restated(0, None, None), 0, None),
    ],
)
def test_what_is_told_again_is_as_good_as_what_was_heard(told: PlayerRestated, days: int, on: date | None) -> None:
    prospect = Prospect(PLAYER)
    hear_restated(told, prospect)
    assert (prospect.streak.days, prospect.streak.on, prospect.streak.active_on) == (days, on, told.active_on)


async def test_a_player_of_before_promo_is_known_by_what_owners_tell_again(stage: Stage) -> None:
    last = premium(2, WEDNESDAY - 29 * DAY, WEDNESDAY + DAY)
    await stage.take(
        restated(12, TODAY - 4 * DAY, TODAY - 4 * DAY),
        PremiumRestated(hearer="promo", player_id=PLAYER, revision=7, terms=last.terms, as_of=WEDNESDAY),
        last,
    )
    row = await stage.pool.fetchrow("select * from prospects where player_id = $1", PLAYER)
    assert row is not None
    assert (row["premium_revision"], row["premium_rank"], row["premium_ends"]) == (7, 2, WEDNESDAY + DAY)
    assert (row["streak_days"], row["streak_active_on"]) == (12, TODAY - 4 * DAY)
