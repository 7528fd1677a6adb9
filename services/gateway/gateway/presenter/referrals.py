"""A player's own link, what it brought, and the choice of a reward (DOMAIN §9)."""

from collections import Counter
from typing import Final
from urllib.parse import urlencode

from contracts.referrals import (
    ClaimOutcome,
    InviteBonusGiven,
    ReferralRewardMilestoneAvailable,
    ReferralRewardTakenBack,
    ReferralsShown,
    ReferralView,
    RewardAnswered,
    RewardChoice,
    SlotState,
    SlotView,
)
from gateway.buttons import RewardButton
from gateway.domain.deep_link import referral_link
from gateway.domain.screen import Button, Keyboard, Screen
from gateway.presenter import amounts, keyboard
from gateway.texts import Voice

_STEPS: Final = 3
"""So many friends are one reward."""
_SHARE: Final = "https://t.me/share/url?"
_ORDER: Final = (SlotState.AVAILABLE, SlotState.HELD, SlotState.DEFERRED_LIMIT)


def referrals_shown(event: ReferralsShown, bot_username: str, voice: Voice) -> Screen:
    """Return the page that was asked for."""
    link = referral_link(bot_username, event.code)
    if event.view is ReferralView.INVITE:
        return _invite(event, link, voice)
    text = "\n".join((_figures(event, voice), *_slots(event.slots, voice)))
    return Screen(text=text, keyboard=(*_choices(event.slots, voice), (_share(link, voice), keyboard.invite(voice))))


def _invite(event: ReferralsShown, link: str, voice: Voice) -> Screen:
    lines = (voice.html("invite", link=link), "", _progress(event, voice), *_slots(event.slots, voice))
    rows: Keyboard = (
        (_share(link, voice),),
        (keyboard.copy(voice, "button-copy-link", link),),
        *_choices(event.slots, voice),
        (keyboard.play(voice), keyboard.modes(voice)),
    )
    return Screen(text="\n".join(lines), keyboard=rows)


def _figures(event: ReferralsShown, voice: Voice) -> str:
    return voice.html(
        "referral-stats",
        started=str(event.started),
        qualified=str(event.qualified),
        claimed=str(event.claimed),
        progress=_progress(event, voice),
    )


def _progress(event: ReferralsShown, voice: Voice) -> str:
    done, missing = voice.plain("invite-step-done"), voice.plain("invite-step-missing")
    steps = done * (_STEPS - event.to_next) + missing * event.to_next
    return voice.plain("invite-progress", steps=steps, friends=event.to_next)


def _slots(slots: tuple[SlotView, ...], voice: Voice) -> list[str]:
    """Return a line for the rewards that may be chosen, for those of each moment to come, and for later months':
    the most industrious have hundreds.
    """
    lines = list[str]()
    available = sum(slot.state is SlotState.AVAILABLE for slot in slots)
    if available:
        lines.append(voice.html("reward-available", rewards=available))
    held = Counter(amounts.moment(voice, slot.claimable_at) for slot in slots if slot.state is SlotState.HELD)
    lines += [voice.html("reward-held", rewards=rewards, until=until) for until, rewards in held.items()]
    if deferred := sum(slot.state is SlotState.DEFERRED_LIMIT for slot in slots):
        lines.append(voice.html("reward-deferred", rewards=deferred))
    return lines


def _choices(slots: tuple[SlotView, ...], voice: Voice) -> Keyboard:
    """Return the two buttons of the reward that comes first."""
    first = next((slot for state in _ORDER for slot in slots if slot.state is state), None)
    return () if first is None else choices(first.number, voice, waits=first.state is not SlotState.AVAILABLE)


def choices(number: int, voice: Voice, *, waits: bool = False) -> Keyboard:
    """Return the buttons by which a reward is chosen; of one that waits they say when it may be."""
    return tuple(
        (
            keyboard.button(
                voice,
                "button-reward-waiting" if waits else "button-reward",
                RewardButton(number=number, choice=choice),
                None if waits else keyboard.RIGHT,
                product=voice.plain(f"product-{choice.value}"),
            ),
        )
        for choice in RewardChoice
    )


def _share(link: str, voice: Voice) -> Button:
    address = _SHARE + urlencode({"url": link, "text": voice.plain("invite-message")})
    return Button(text=voice.plain("button-share"), url=address)


def bonus_given(event: InviteBonusGiven, voice: Voice) -> Screen:
    """Energy for somebody who was invited, and straight on."""
    text = voice.html("invite-bonus", energy=str(event.paid_energy))
    return Screen(text=text, keyboard=((keyboard.play(voice), keyboard.invite(voice)),))


def reward_available(event: ReferralRewardMilestoneAvailable, voice: Voice) -> Screen:
    """A reward, to be chosen right here."""
    return Screen(text=voice.html("reward-milestone"), keyboard=choices(event.number, voice))


def reward_answered(event: RewardAnswered, voice: Voice) -> Screen:
    """What came of a choice: the reward in place of the buttons; else a box that says why not, and when."""
    until = "" if event.until is None else amounts.moment(voice, event.until)
    if event.outcome is not ClaimOutcome.CLAIMED or event.choice is None:
        return Screen(toast=voice.plain(f"reward-{event.outcome.value}", until=until), alert=True)
    text = voice.html(f"reward-given-{event.choice.value}")
    rows: Keyboard = ((keyboard.play(voice), keyboard.invite(voice)),)
    return Screen(text=text, keyboard=rows, toast=voice.plain("toast-reward"))


def reward_taken_back(event: ReferralRewardTakenBack, voice: Voice) -> Screen:
    """A reward that was not earned after all."""
    product = voice.plain(f"product-{event.choice.value}")
    rows: Keyboard = ((keyboard.invite(voice), keyboard.support(voice)),)
    return Screen(text=voice.html("reward-taken-back", product=product), keyboard=rows)
