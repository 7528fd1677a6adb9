"""Players who brought one another (DOMAIN §9): looked for after each binding, along who brought whom."""

from actors.turn import Turn
from contracts.referrals import CheckRing, SuspectReferral
from referrals.domain.fraud import Ancestry, ring_closed_by
from referrals.domain.referral import Referral
from referrals.handlers.following import follow
from referrals.handlers.table import actor


@actor.on(CheckRing)
def check_ring(command: CheckRing, referral: Referral | None, ancestry: Ancestry | None, turn: Turn) -> None:
    """See whether the referrer was brought by the player, over up to five; then no part of that ring counts."""
    if referral is None or ancestry is None:
        return
    ring = ring_closed_by(command.player_id, command.referrer_id, ancestry, referral.touched_at)
    if ring is None:
        return
    for player_id in ring.players:
        turn.emit(SuspectReferral(player_id=player_id, rule=ring.rule, score=ring.score))


@actor.on(SuspectReferral)
def suspect_referral(command: SuspectReferral, referral: Referral | None, turn: Turn) -> None:
    """Reject a referral; one that qualified already waits for what ops say."""
    if referral is not None and referral.is_bound:
        referral.suspect(command.rule, command.score)
        follow(referral, turn)
