"""Links that bring players, and what they bring (DOMAIN §9): referrals decide whether a first contact's link binds."""

from datetime import datetime
from typing import Final

from contracts.referrals import ClaimReward, LinkKind, ReferralView, ShowReferrals, TouchLink
from gateway.buttons import RewardButton
from gateway.domain.deep_link import parse_deep_link
from gateway.handlers.visit import Visit

_KINDS: Final = frozenset(LinkKind)


def tell_touch(command: str, argument: str, visit: Visit, touched_at: datetime) -> None:
    """Tell the link of a first contact, in private or in a group; what opens it opens it all the same."""
    link = parse_deep_link(argument.partition(" ")[0]) if command == "start" else None
    if link is None or link.kind not in _KINDS:
        return
    touch = TouchLink(player_id=visit.chat.player_id, kind=LinkKind(link.kind), value=link.value, touched_at=touched_at)
    visit.turn.emit(touch, origin="")


def invite(visit: Visit) -> None:
    """Ask for the player's own link."""
    visit.ask(ShowReferrals(player_id=visit.chat.player_id, view=ReferralView.INVITE))


def choose_reward(button: RewardButton, visit: Visit) -> None:
    """Hand on what a reward is to be."""
    visit.ask(ClaimReward(player_id=visit.chat.player_id, number=button.number, choice=button.choice))
