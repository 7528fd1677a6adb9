"""Rewards (DOMAIN §9): slots follow the qualified referrals, open after their hold, and the player chooses."""

from actors.turn import Turn
from contracts.berlin import day_of
from contracts.referrals import (
    ClaimOutcome,
    ClaimReward,
    EndGift,
    ReferralRewardGranted,
    ReferralRewardMilestoneAvailable,
    ReferralRewardTakenBack,
    RewardAnswered,
    SettleRewards,
)
from referrals.domain.gift import Gift
from referrals.domain.internal_commands import OpenSlots
from referrals.domain.months import counted_on, next_month
from referrals.domain.rewards import Claim, Rewards, Slot
from referrals.domain.standing import Earned
from referrals.handlers.table import actor


@actor.on(SettleRewards)
def settle_rewards(command: SettleRewards, rewards: Rewards, earned: Earned | None, turn: Turn) -> None:
    """Have a slot for every third qualified referral; what was claimed without being earned is taken back."""
    del command
    for slot in rewards.settle(() if earned is None else earned.every_third, turn.now).taken_back:
        if slot.grant_id is not None:
            turn.emit(EndGift(gift_id=slot.grant_id))


@actor.on(EndGift)
def end_gift(command: EndGift, gift: Gift | None, turn: Turn) -> None:
    """Have payments take back what a reward gave, as far as it is still there."""
    del command
    if gift is None or gift.taken_back_at is not None:
        return
    gift.taken_back_at = gift.changed_at = turn.now
    turn.emit(gift.word())
    if gift.number is not None and gift.choice is not None:
        turn.emit(
            ReferralRewardTakenBack(
                player_id=gift.player_id, number=gift.number, choice=gift.choice, grant_id=gift.id, at=turn.now
            )
        )


@actor.on(OpenSlots)
def open_slots(command: OpenSlots, rewards: Rewards, earned: Earned | None, turn: Turn) -> None:
    """Open what was held for 48 hours, two a month; the player is told of each."""
    for slot in rewards.open_due(turn.now):
        turn.emit(
            ReferralRewardMilestoneAvailable(
                player_id=command.player_id,
                number=slot.number,
                qualified=0 if earned is None else earned.count,
                qualified_at=slot.qualified_at,
                at=turn.now,
            )
        )


@actor.on(ClaimReward)
def claim_reward(command: ClaimReward, rewards: Rewards, turn: Turn) -> None:
    """Give what was chosen, once a slot; or say why not yet."""
    claim = rewards.claim(command.number, command.choice, turn.new_id(), turn.now)
    if claim.is_new and claim.slot is not None:
        _give(claim.slot, rewards, turn)
    turn.emit(_answer(command, claim, turn))


def _give(slot: Slot, rewards: Rewards, turn: Turn) -> None:
    if slot.grant_id is None or slot.choice is None:
        raise ValueError(f"slot {slot.number} of player {rewards.player_id} is claimed as nothing")
    gift = Gift(
        id=slot.grant_id,
        player_id=rewards.player_id,
        number=slot.number,
        choice=slot.choice,
        given_at=turn.now,
        changed_at=turn.now,
    )
    turn.create(gift)
    turn.emit(gift.word(), origin="")
    turn.emit(
        ReferralRewardGranted(
            player_id=gift.player_id,
            number=slot.number,
            choice=slot.choice,
            grant_id=gift.id,
            claimed_this_month=rewards.claimed_in_month(day_of(turn.now)),
            at=turn.now,
        )
    )


def _answer(command: ClaimReward, claim: Claim, turn: Turn) -> RewardAnswered:
    slot, until = claim.slot, None
    if slot is not None and claim.outcome is ClaimOutcome.TOO_EARLY:
        until = slot.claimable_at
    elif claim.outcome is ClaimOutcome.MONTHLY_CAP:
        until = next_month(counted_on(turn.now))
    return RewardAnswered(
        player_id=command.player_id,
        outcome=claim.outcome,
        number=command.number,
        choice=None if slot is None else slot.choice,
        until=until,
    )
