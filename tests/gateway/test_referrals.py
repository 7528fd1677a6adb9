"""Links that bring players, as the gateway hears them (DOMAIN §9): told at the first contact, and never again."""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from tests.gateway.conftest import NOW, PLAYER, Desk, Make

from actors.testing import Decision
from contracts.gameplay import PlayerShown, ShowPlayer, View, WelcomePlayer
from contracts.referrals import (
    ClaimOutcome,
    ClaimReward,
    InviteBonusGiven,
    LinkKind,
    ReferralRewardMilestoneAvailable,
    ReferralRewardTakenBack,
    ReferralsShown,
    ReferralView,
    RewardAnswered,
    RewardChoice,
    ShowReferrals,
    SlotState,
    SlotView,
    TouchLink,
)
from gateway.buttons import RewardButton
from gateway.domain.effects import AnswerTap, PushScreen, ShowScreen
from gateway.domain.log import UpdateRow
from gateway.presenter.keyboard import RIGHT
from referrals.handlers.campaigns import CODE_LENGTH_MAX


def touches(decision: Decision) -> list[TouchLink]:
    return [one for one in decision.emitted if isinstance(one, TouchLink)]


@pytest.mark.parametrize(
    ("parameter", "kind", "value"),
    [
        ("ref_K7QXM2", LinkKind.REF, "K7QXM2"),
        ("duel_AaH-vu7Xc_6Tv9UpTSSM4A", LinkKind.DUEL, "AaH-vu7Xc_6Tv9UpTSSM4A"),
        ("c_BERLIN-U8", LinkKind.CAMPAIGN, "BERLIN-U8"),
        ("s_9fK2", LinkKind.SCREEN, "9fK2"),
    ],
)
async def test_the_link_of_a_first_contact_is_told_and_the_player_welcomed(
    desk: Desk, parameter: str, kind: LinkKind, value: str
) -> None:
    decision = await desk.say(f"/start {parameter}")
    assert touches(decision) == [TouchLink(player_id=PLAYER, kind=kind, value=value, touched_at=NOW)]
    assert [one.player_id for one in decision.emitted if isinstance(one, WelcomePlayer)][-1] == PLAYER
    (line,) = [one for one in decision.records if isinstance(one, UpdateRow)]
    assert (line.status, line.command) == ("handled", f"/start {kind}")


async def test_the_longest_code_of_a_campaign_is_told(desk: Desk) -> None:
    (touch,) = touches(await desk.say(f"/start c_{'A' * CODE_LENGTH_MAX}"))
    assert touch.value == "A" * CODE_LENGTH_MAX


@pytest.mark.parametrize("before", ["/start", "/start ref_AAAAAA", "hallo", "/play"])
async def test_who_was_here_before_is_welcomed_and_not_told_of(desk: Desk, before: str) -> None:
    await desk.say(before)
    decision = await desk.say("/start ref_K7QXM2")
    assert touches(decision) == []
    assert [one.player_id for one in decision.emitted if isinstance(one, WelcomePlayer)][-1] == PLAYER


@pytest.mark.parametrize(
    "typed", ["/start", "/start promo_SOMMER", "/start shop_ENERGY_10", "/play ref_K7QXM2", "ref_A"]
)
async def test_a_first_contact_without_such_a_link_tells_of_none(desk: Desk, typed: str) -> None:
    assert touches(await desk.say(typed)) == []


# -- one's own link ----------------------------------------------------------------------------------


def screen(decision: Decision) -> ShowScreen:
    (shown,) = [one for one in decision.effects if isinstance(one, ShowScreen)]
    return shown


def shown(**more: Any) -> ReferralsShown:
    given: dict[str, Any] = {
        "view": ReferralView.INVITE,
        "code": "K7QXM2",
        "started": 4,
        "qualified": 2,
        "to_next": 1,
        "claimed": 0,
    }
    return ReferralsShown(player_id=PLAYER, **(given | more))


def slot(number: int, state: SlotState) -> SlotView:
    return SlotView(number=number, state=state, claimable_at=NOW)


@pytest.mark.parametrize("command", ["/invite", "/referral_link"])
async def test_the_link_is_asked_for(desk: Desk, command: str) -> None:
    decision = await desk.say(command)
    assert ShowReferrals(player_id=PLAYER, view=ReferralView.INVITE) in decision.emitted


def statistics(make: Make, view: View) -> PlayerShown:
    return PlayerShown(
        player_id=PLAYER, view=view, energy=make.energy(), streak=make.streak(), modes=make.modes(),
        settings=make.settings(), answered=30, right=1, right_today=1, daily_done_today=False,
    )  # fmt: skip


async def test_statistics_that_were_typed_for_are_followed_by_those_of_referrals(desk: Desk, make: Make) -> None:
    assert ShowPlayer(player_id=PLAYER, view=View.STATS) in (await desk.say("/stats")).emitted
    wanted = ShowReferrals(player_id=PLAYER, view=ReferralView.STATS)
    assert wanted in (await desk.hear(statistics(make, View.STATS), origin=f"m:{PLAYER}")).emitted
    assert wanted not in (await desk.hear(statistics(make, View.STATS), origin=f"c:q1:{PLAYER}:50")).emitted
    assert wanted not in (await desk.hear(statistics(make, View.STREAK), origin=f"m:{PLAYER}")).emitted
    assert wanted not in (await desk.hear(statistics(make, View.STATS))).emitted


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_page_has_the_link_to_share_to_copy_and_how_far_it_is(desk: Desk, language: str) -> None:
    desk.chat.language = language
    page = screen(await desk.hear(shown(), origin=f"m:{PLAYER}"))
    link = "https://t.me/starquiz_bot?start=ref_K7QXM2"
    assert link in page.text
    assert "●●○" in page.text
    buttons = [button for row in page.keyboard for button in row]
    (copied,) = [button.copy_text.text for button in buttons if button.copy_text is not None]
    assert copied == link
    (shared,) = [button.url for button in buttons if button.url is not None]
    address = urlsplit(shared)
    assert (address.netloc, address.path) == ("t.me", "/share/url")
    assert parse_qs(address.query)["url"] == [link]
    assert parse_qs(address.query)["text"] == [desk.services.voice(desk.chat).plain("invite-message")]


async def test_of_rewards_that_wait_the_one_that_may_be_chosen_has_the_buttons(desk: Desk) -> None:
    slots = (slot(1, SlotState.HELD), slot(2, SlotState.AVAILABLE), slot(3, SlotState.DEFERRED_LIMIT))
    page = screen(await desk.hear(shown(slots=slots), origin=f"m:{PLAYER}"))
    data = [button.callback_data for row in page.keyboard for button in row if button.callback_data]
    assert [one for one in data if one.startswith("rw:")] == ["rw:2:MEGA_PACK_15", "rw:2:PREMIUM_STARTER"]
    assert all(len(one.encode()) <= 64 for one in data)


@pytest.mark.parametrize("state", [SlotState.HELD, SlotState.AVAILABLE, SlotState.DEFERRED_LIMIT])
async def test_only_what_may_be_chosen_now_looks_like_it(desk: Desk, state: SlotState) -> None:
    page = screen(await desk.hear(shown(slots=(slot(1, state),)), origin=f"m:{PLAYER}"))
    chosen = [one for row in page.keyboard for one in row if (one.callback_data or "").startswith("rw:")]
    styles = {(one.style, "⏳" in one.text) for one in chosen}
    assert styles == {(RIGHT, False) if state is SlotState.AVAILABLE else (None, True)}


async def test_rewards_that_are_held_to_the_same_moment_are_one_line(desk: Desk) -> None:
    slots = tuple(slot(number, SlotState.HELD) for number in range(1, 4))
    page = screen(await desk.hear(shown(slots=slots), origin=f"m:{PLAYER}"))
    (line,) = [one for one in page.text.splitlines() if one.startswith("⏳")]
    assert line.startswith("⏳ 3 Belohnungen")


async def test_hundreds_of_rewards_for_later_months_are_one_line(desk: Desk) -> None:
    slots = tuple(slot(number, SlotState.DEFERRED_LIMIT) for number in range(1, 301))
    page = screen(await desk.hear(shown(slots=slots), origin=f"m:{PLAYER}"))
    (line,) = [one for one in page.text.splitlines() if one.startswith("📅")]
    assert "300" in line


async def test_a_choice_goes_to_referrals(desk: Desk) -> None:
    await desk.say("/start")
    decision = await desk.tap(RewardButton(number=2, choice=RewardChoice.PREMIUM_STARTER).pack())
    assert ClaimReward(player_id=PLAYER, number=2, choice=RewardChoice.PREMIUM_STARTER) in decision.emitted


async def test_a_reward_takes_the_place_of_its_buttons(desk: Desk) -> None:
    answer = RewardAnswered(player_id=PLAYER, outcome=ClaimOutcome.CLAIMED, number=1, choice=RewardChoice.MEGA_PACK_15)
    page = screen(await desk.hear(answer, origin=f"c:q1:{PLAYER}:50"))
    assert page.message_id == 50
    assert "Mega-Pack" in page.text


@pytest.mark.parametrize("outcome", [ClaimOutcome.TOO_EARLY, ClaimOutcome.MONTHLY_CAP, ClaimOutcome.NO_REWARD])
async def test_what_may_not_be_had_yet_says_so_in_a_box_and_leaves_the_buttons(
    desk: Desk, outcome: ClaimOutcome
) -> None:
    answer = RewardAnswered(player_id=PLAYER, outcome=outcome, number=1, until=NOW)
    decision = await desk.hear(answer, origin=f"c:q1:{PLAYER}:50")
    (told,) = [one for one in decision.effects if isinstance(one, AnswerTap)]
    assert told.alert
    assert told.text
    assert not [one for one in decision.effects if isinstance(one, ShowScreen)]


@pytest.mark.parametrize(
    "event",
    [
        InviteBonusGiven(player_id=PLAYER, paid_energy=10, at=NOW),
        ReferralRewardMilestoneAvailable(player_id=PLAYER, number=1, qualified=3, qualified_at=NOW, at=NOW),
        ReferralRewardTakenBack(
            player_id=PLAYER, number=1, choice=RewardChoice.MEGA_PACK_15, grant_id=UUID(int=1), at=NOW
        ),
    ],
)
async def test_what_nobody_asked_for_is_a_message_of_its_own(desk: Desk, event: Any) -> None:
    decision = await desk.hear(event)
    (pushed,) = [one for one in decision.effects if isinstance(one, PushScreen)]
    assert pushed.text
    assert pushed.keyboard
