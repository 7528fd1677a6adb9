"""Whether the link of a first contact binds its player (DOMAIN §9): decided once, for a new player only.

New is who gameplay had not heard of before the link was opened. The gateway says which contact was the first.
"""

from datetime import datetime, timedelta
from typing import Final

from contracts.berlin import day_of
from contracts.referrals import FraudRule, ReferralState, RefusedLink
from referrals.domain.fraud import SCORES, STARTS_PER_DAY_MAX
from referrals.domain.member import Member
from referrals.domain.referral import Referral

CLOCKS_APART: Final = timedelta(seconds=60)
"""So much earlier gameplay's clock may say that somebody joined than the gateway's that they opened a link."""


def may_decide(member: Member, referral: Referral | None) -> bool:
    """Whether all is known that decides."""
    return referral is not None and referral.state is ReferralState.WAITING and member.joined_at is not None


def refusal(member: Member, referral: Referral) -> RefusedLink | None:
    """Return why the link binds nobody; None when it binds."""
    if member.joined_at is None or member.joined_at < referral.touched_at - CLOCKS_APART:
        return RefusedLink.NOT_NEW
    if not referral.is_known:
        return RefusedLink.UNKNOWN_LINK
    if referral.referrer_id == member.player_id:
        return RefusedLink.OWN_LINK
    return None


def refuse(referral: Referral, reason: RefusedLink, now: datetime) -> None:
    """Have the link bind nobody, for ever."""
    referral.state, referral.refused, referral.changed_at = ReferralState.REFUSED, reason, now


def bind(referral: Referral, member: Member, referrer: Member | None, now: datetime) -> None:
    """Have the player be the link's, for ever. One too many of a day is the referrer's fraud, not the player's."""
    referral.started_on = day_of(referral.touched_at).local
    if referrer is not None:
        member.invited_by = referrer.player_id
        if referrer.count_start(referral.started_on) > STARTS_PER_DAY_MAX:
            referral.suspect(FraudRule.VELOCITY, SCORES[FraudRule.VELOCITY])
    referral.state = ReferralState.STARTED
    referral.changed_at = now
    referral.settle(now)
