"""The brute-force guard and the end of campaigns (DOMAIN §7): run as jobs, on attempts that players really made."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redeeming_stage import NOON, Stage

from contracts.gameplay import PlayerJoined
from contracts.promo import (
    BruteForceCleared,
    BruteForceSuspected,
    BudgetPeriod,
    CampaignAutoPaused,
    CampaignEnded,
    CampaignStatus,
    CodeRefused,
    PremiumRedeemed,
    RedeemRefusal,
    SetCampaignStatus,
)
from promo.domain.budget import opens_again
from promo.domain.code_making import make
from promo.handlers.guarding import guard, roll_campaigns

pytestmark = pytest.mark.services("promo")


async def _guess(stage: Stage, players: range, *, code: str = "WRONG") -> None:
    """Let players type a code once each, in turns of at most a hundred."""
    for start in range(players.start, players.stop, 100):
        await stage.redeem_all([(player, code) for player in range(start, min(start + 100, players.stop))])


def _kinds(stage: Stage, *kinds: type) -> list[Any]:
    return [message for message in stage.said if isinstance(message, kinds)]


async def _bound_code(stage: Stage, tmp_path: Path, **campaign: Any) -> None:
    """A code that everybody fails on: it is for new players, and these are none."""
    await stage.codes(tmp_path, await stage.campaign(new_players_only=True, **campaign), "SOMMER26")
    joined = NOON - timedelta(days=30)
    for start in (1, 101, 201):
        await stage.take(*(PlayerJoined(player_id=player, at=joined) for player in range(start, start + 100)))


async def test_guessing_on_a_stored_code_pauses_its_campaign_and_tells(stage: Stage, tmp_path: Path) -> None:
    await _bound_code(stage, tmp_path)
    await _guess(stage, range(1, 101), code="SOMMER26")
    await stage.run(guard.due())
    assert (await stage.view()).status is CampaignStatus.ACTIVE  # a hundred are not over a hundred
    await _guess(stage, range(101, 102), code="SOMMER26")
    await stage.run(guard.due())
    assert (await stage.view()).status is CampaignStatus.PAUSED
    (told,) = _kinds(stage, CampaignAutoPaused)
    assert (told.campaign, told.failures, told.players) == ("spring", 101, 101)
    assert (told.failures_max, told.players_min, told.window_seconds) == (100, 3, 600)


async def test_a_campaign_that_was_let_go_on_is_paused_by_new_failures_alone_and_at_once(
    stage: Stage, tmp_path: Path
) -> None:
    await _bound_code(stage, tmp_path)
    await _guess(stage, range(1, 102), code="SOMMER26")
    await stage.run(guard.due())
    stage.wait(seconds=20)
    await stage.take(SetCampaignStatus(name="spring", status=CampaignStatus.ACTIVE))
    stage.wait(seconds=20)
    await stage.run(guard.due())
    assert (await stage.view()).status is CampaignStatus.ACTIVE
    await _guess(stage, range(102, 203), code="SOMMER26")
    await stage.run(guard.due())
    assert (await stage.view()).status is CampaignStatus.PAUSED


async def test_two_in_league_pause_nothing(stage: Stage, tmp_path: Path) -> None:
    """The throttle is out of their way here, as if they had waited: 120 failures by two players."""
    await _bound_code(stage, tmp_path)
    async with stage.pool.acquire() as connection:
        code = await connection.fetchval("select id from codes")
        await connection.execute(
            "insert into attempts (at, player_id, result, is_failure, code_id, campaign) "
            "select $1, 1 + n % 2, 'not_applicable', true, $2, 'spring' from generate_series(1, 120) as n",
            NOON, code,
        )  # fmt: skip
    await stage.run(guard.due())
    assert (await stage.view()).status is CampaignStatus.ACTIVE


async def test_a_public_campaign_is_told_of_once_and_never_paused(stage: Stage, tmp_path: Path) -> None:
    """Where "not applicable" is no failure, an expired code is."""
    await stage.codes(tmp_path, await stage.campaign(is_public=True, valid_until=NOON + timedelta(hours=1)), "SOMMER26")
    stage.wait(hours=1)
    await _guess(stage, range(1, 111), code="SOMMER26")
    await stage.run(guard.due())
    await stage.run(guard.due())
    assert (await stage.view()).status is CampaignStatus.ACTIVE
    assert [told.scope for told in _kinds(stage, BruteForceSuspected, CampaignAutoPaused)] == ["spring"]


async def test_much_guessing_tightens_the_throttle_until_it_calms(stage: Stage) -> None:
    await _guess(stage, range(1, 301))
    await stage.run(guard.due())
    assert _kinds(stage, BruteForceSuspected) == []
    await _guess(stage, range(301, 302))
    await stage.run(guard.due())
    await stage.run(guard.due())
    told = _kinds(stage, BruteForceSuspected)
    assert [(one.failures, one.failures_max, one.failures_allowed) for one in told] == [(301, 300, 2)]
    told = [(await stage.redeem_all([(900, "WRONG")]))[0] for _ in range(2)]
    assert [one.tries_left for one in told] == [1, 0]
    assert await stage.redeem(900, "WRONG") is RedeemRefusal.RATE_LIMITED
    stage.wait(minutes=11)
    await stage.run(guard.due())
    assert len(_kinds(stage, BruteForceCleared)) == 1
    (calm,) = await stage.redeem_all([(901, "WRONG")])
    assert calm.tries_left == 4


async def test_a_guesser_with_50_accounts_is_throttled_and_reported_and_honest_players_are_not_harmed(
    stage: Stage, tmp_path: Path
) -> None:
    """Ten seconds of 100 guesses each; beside them 100 players with the right code, of whom every fourth mistypes it.

    Of 1,000 guesses 250 are looked up: a quarter, and after that none for an hour.
    """
    await stage.codes(tmp_path, await stage.campaign(), "SOMMER26")
    dice = random.Random(26)
    honest: list[Any] = []
    for second in range(10):
        guesses = [(1 + n % 50, make(1, dice.choice)[0].text) for n in range(100)]
        players = range(1_000 + 10 * second, 1_010 + 10 * second)
        typos = [(player, "SOMMER62") for player in players if dice.random() < 0.25]
        await stage.redeem_all([*guesses, *typos])
        honest += await stage.redeem_all([(player, "SOMMER26") for player in players])
        await stage.run(guard.due())
        stage.wait(seconds=1)
    assert [type(told) for told in honest] == [PremiumRedeemed] * 100
    looked_up = [told for told in _kinds(stage, CodeRefused) if told.player_id <= 50 and told.tries_left is not None]
    assert len(looked_up) <= 250
    assert [told.scope for told in _kinds(stage, BruteForceSuspected, CampaignAutoPaused)] == ["overall"]


async def test_a_handful_cannot_tighten_the_throttle_for_all(stage: Stage) -> None:
    for _ in range(100):
        await _guess(stage, range(1, 6))
    await stage.run(guard.due())
    assert _kinds(stage, BruteForceSuspected) == []


@pytest.mark.parametrize(
    ("campaign", "status"),
    [({"valid_until": NOON + timedelta(hours=1)}, CampaignStatus.EXPIRED), ({"uses_max": 1}, CampaignStatus.DEPLETED)],
)
async def test_a_campaign_ends_with_its_time_or_its_uses(
    stage: Stage, tmp_path: Path, campaign: Any, status: CampaignStatus
) -> None:
    await stage.codes(tmp_path, await stage.campaign(**campaign), "SOMMER26")
    await stage.campaign("other")
    await stage.run(roll_campaigns.due())
    assert _kinds(stage, CampaignEnded) == []
    assert await stage.redeem(7, "SOMMER26") is None
    stage.wait(hours=1)
    await stage.run(roll_campaigns.due())
    await stage.run(roll_campaigns.due())
    (ended,) = _kinds(stage, CampaignEnded)
    assert (ended.campaign, ended.status, ended.used) == ("spring", status, 1)
    assert (await stage.view("other")).status is CampaignStatus.ACTIVE


@pytest.mark.parametrize(
    ("period", "opens"),
    [
        (BudgetPeriod.DAY, "2026-03-28T23:00"),
        (BudgetPeriod.WEEK, "2026-03-29T22:00"),
        (BudgetPeriod.MONTH, "2026-03-31T22:00"),
    ],
)
def test_a_budget_opens_at_midnight_in_berlin_also_when_the_clock_changes(period: BudgetPeriod, opens: str) -> None:
    """On Saturday the 28th; summer time begins on Sunday the 29th at 2:00."""
    saturday = NOON.replace(day=28)
    assert f"{opens_again(period, saturday):%Y-%m-%dT%H:%M}" == opens
