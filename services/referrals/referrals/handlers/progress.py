"""What gameplay and the gateway say of bound players: answers, and that they left (DOMAIN §9)."""

from actors.turn import Turn
from contracts.gameplay import PlayerPlayed
from contracts.gateway import PlayerReachabilityChanged
from referrals.domain.internal_commands import LapseReferral
from referrals.domain.member import Member
from referrals.domain.progress import NOTHING, Answer
from referrals.domain.referral import Referral
from referrals.handlers.following import follow
from referrals.handlers.table import actor


@actor.on(PlayerPlayed)
def player_played(event: PlayerPlayed, member: Member, referral: Referral | None, turn: Turn) -> None:
    """Note an answer of a player who came by a link; of a new one also before that link is heard of."""
    answer = Answer(event.answered, event.at, event.berlin_day)
    if referral is None:
        member.hear_early(NOTHING.heard(answer), event.at)
    else:
        referral.hear_answer(answer)
        follow(referral, turn)


@actor.on(PlayerReachabilityChanged)
def reachability_changed(event: PlayerReachabilityChanged, referral: Referral | None, turn: Turn) -> None:
    """Note that a player left: blocked the bot, or is deleted. Coming back does not undo it."""
    if referral is not None and not event.reachable:
        referral.hear_left(event.at)
        follow(referral, turn)


@actor.on(LapseReferral)
def lapse_referral(command: LapseReferral, referral: Referral | None, turn: Turn) -> None:
    """Note that the 14 days are over. An answer that was in time and is heard of later counts all the same."""
    del command
    if referral is not None and referral.lapsed_at is None:
        referral.lapsed_at = turn.now
        follow(referral, turn)
