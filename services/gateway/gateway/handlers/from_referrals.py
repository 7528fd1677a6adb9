"""What referrals say, shown to the player it is about (DOMAIN §9)."""

from actors.turn import Turn
from contracts.referrals import (
    InviteBonusGiven,
    ReferralRewardMilestoneAvailable,
    ReferralRewardTakenBack,
    ReferralsShown,
    ReferralView,
    RewardAnswered,
)
from gateway.domain.chat import Chat
from gateway.domain.origin import parse
from gateway.handlers.showing import answer, answer_in_private, push, show_in_private
from gateway.handlers.table import UpdateServices, actor
from gateway.presenter import referrals


@actor.on(ReferralsShown)
def referrals_shown(event: ReferralsShown, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show the link to whoever asked; the figures come below those of the game."""
    screen = referrals.referrals_shown(event, services.bot_username, services.voice(chat))
    if event.view is ReferralView.STATS:
        show_in_private(screen, chat=chat, origin=parse(turn.message.origin).as_message(), turn=turn)
    else:
        answer_in_private(screen, chat=chat, turn=turn)


@actor.on(InviteBonusGiven)
def invite_bonus_given(event: InviteBonusGiven, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Tell of the energy, by a message of its own."""
    push(referrals.bonus_given(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(ReferralRewardMilestoneAvailable)
def reward_available(event: ReferralRewardMilestoneAvailable, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Offer the choice, by a message of its own."""
    push(referrals.reward_available(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(RewardAnswered)
def reward_answered(event: RewardAnswered, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Show what came of the choice where it was made."""
    answer(referrals.reward_answered(event, services.voice(chat)), chat=chat, turn=turn)


@actor.on(ReferralRewardTakenBack)
def reward_taken_back(event: ReferralRewardTakenBack, chat: Chat, services: UpdateServices, turn: Turn) -> None:
    """Tell that a reward is gone, by a message of its own."""
    push(referrals.reward_taken_back(event, services.voice(chat)), chat=chat, turn=turn)
