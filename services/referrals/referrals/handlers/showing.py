"""A player's own link and what came of it (DOMAIN §9); the code is made at the first wish."""

from actors.turn import Turn
from contracts.referrals import ReferralsShown, ShowReferrals, SlotState, SlotView
from referrals.domain.link import FreshCode
from referrals.domain.member import Member
from referrals.domain.rewards import PER_SLOT, Rewards
from referrals.domain.standing import Figures
from referrals.handlers.table import actor

_SHOWN = (SlotState.HELD, SlotState.AVAILABLE, SlotState.DEFERRED_LIMIT)


@actor.on(ShowReferrals)
def show_referrals(
    command: ShowReferrals, member: Member, rewards: Rewards, figures: Figures, fresh: FreshCode, turn: Turn
) -> None:
    """Answer with the link, the figures, and the rewards that are not claimed yet."""
    if member.code is None:
        member.code = fresh.code
    turn.emit(
        ReferralsShown(
            player_id=command.player_id,
            view=command.view,
            code=member.code,
            started=figures.started,
            qualified=figures.qualified,
            to_next=PER_SLOT - figures.qualified % PER_SLOT,
            claimed=sum(slot.state is SlotState.CLAIMED for slot in rewards.slots),
            slots=tuple(
                SlotView(number=slot.number, state=slot.state, claimable_at=slot.claimable_at)
                for slot in rewards.slots
                if slot.state in _SHOWN
            ),
        )
    )
