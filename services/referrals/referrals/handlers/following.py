"""What follows when more is known of a referral: the bonus, its state, and whose rewards that changes (DOMAIN §9)."""

from actors.turn import Turn
from contracts.referrals import InviteBonusGiven, ReferralChanged, SettleRewards
from referrals.domain.gift import BONUS_ENERGY, Gift, bonus_id
from referrals.domain.progress import BONUS_ANSWERS
from referrals.domain.referral import Referral


def follow(referral: Referral, turn: Turn) -> None:
    """Settle a referral and tell of what changed; nothing while it binds nobody."""
    if not referral.is_bound:
        return
    counted = referral.qualified_at
    if referral.settle(turn.now):
        turn.emit(referral_changed(referral, turn), origin="")
    if referral.qualified_at != counted and referral.referrer_id is not None:
        turn.emit(SettleRewards(player_id=referral.referrer_id), origin="")
    if referral.bonus_at is None and not referral.is_fraud and referral.progress.answered >= BONUS_ANSWERS:
        _give_bonus(referral, turn)


def referral_changed(referral: Referral, turn: Turn) -> ReferralChanged:
    """Return the word of how a referral stands."""
    return ReferralChanged(
        player_id=referral.player_id,
        referrer_id=referral.referrer_id,
        state=referral.state,
        rule=referral.rule,
        score=referral.score,
        qualified_at=referral.qualified_at,
        at=turn.now,
    )


def _give_bonus(referral: Referral, turn: Turn) -> None:
    referral.bonus_at = turn.now
    gift = Gift(id=bonus_id(referral.player_id), player_id=referral.player_id, given_at=turn.now, changed_at=turn.now)
    turn.create(gift)
    turn.emit(gift.word(), origin="")
    turn.emit(InviteBonusGiven(player_id=referral.player_id, paid_energy=BONUS_ENERGY, at=turn.now), origin="")
