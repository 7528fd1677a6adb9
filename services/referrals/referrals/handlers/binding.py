"""Who came by which link (DOMAIN §9): the gateway tells the link, gameplay when the player joined, in any order."""

from typing import Annotated

from actors.store import Key
from actors.turn import Turn
from contracts.berlin import day_of
from contracts.gameplay import PlayerJoined, PlayerRestated
from contracts.referrals import BindPlayer, CheckRing, LinkRefused, PlayerBound, ReferralState, TouchLink
from referrals.domain import binding
from referrals.domain.affiliates.sale import UnclaimedSales
from referrals.domain.link import KnownLink, normalised
from referrals.domain.member import Member
from referrals.domain.progress import NOTHING, ActiveDay, Answer, Progress
from referrals.domain.referral import Referral
from referrals.handlers import sales
from referrals.handlers.following import follow
from referrals.handlers.table import actor


@actor.on(TouchLink)
def touch_link(
    command: TouchLink, member: Member, referral: Referral | None, link: KnownLink | None, turn: Turn
) -> None:
    """Keep the link by which somebody came; until it is decided the earliest one counts."""
    touched = Referral(
        player_id=command.player_id,
        kind=command.kind,
        value=normalised(command.kind, command.value),
        referrer_id=None if link is None else link.referrer_id,
        is_known=link is not None,
        touched_at=command.touched_at,
        changed_at=turn.now,
    )
    if referral is None:
        referral = touched
        referral.hear_progress(member.early)
        member.early = NOTHING
        turn.create(referral)
    elif referral.state is ReferralState.WAITING and touched.touched_at < referral.touched_at:
        referral.touch_earlier(touched)
    else:
        return
    decide(member, referral, turn)


@actor.on(PlayerJoined)
def player_joined(event: PlayerJoined, member: Member, referral: Referral | None, turn: Turn) -> None:
    """Note when somebody came, which makes them new."""
    member.join(event.at)
    decide(member, referral, turn)


@actor.on(PlayerRestated)
def player_restated(event: PlayerRestated, member: Member, referral: Referral | None, turn: Turn) -> None:
    """Note when somebody came whose joining was never heard of, and what they have answered by now."""
    member.join(event.joined_at)
    told = _progress(event)
    if referral is None:
        member.hear_early(told, event.as_of)
    else:
        referral.hear_progress(told)
        if event.answered and event.active_on is not None:
            referral.hear_answer(Answer(event.answered, event.as_of, event.active_on))
        follow(referral, turn)
    decide(member, referral, turn)


def _progress(event: PlayerRestated) -> Progress:
    """Return what gameplay noted of how a player began; by `answered` and `active_on` the rest is at `as_of`."""
    began = [at for at in (event.first_day_at, event.second_day_at) if at is not None]
    return Progress(event.answered, event.twentieth_at, tuple(ActiveDay(day_of(at).local, at) for at in began))


def decide(member: Member, referral: Referral | None, turn: Turn) -> None:
    """Go on with both ends of the link locked, once all is known (`BindPlayer`)."""
    if referral is not None and binding.may_decide(member, referral):
        turn.emit(BindPlayer(player_id=member.player_id, referrer_id=referral.referrer_id), origin="")


@actor.on(BindPlayer)
def bind_player(
    command: BindPlayer,
    member: Member,
    referral: Referral | None,
    referrer: Annotated[Member | None, Key("referrer_id")],
    unclaimed: UnclaimedSales,
    turn: Turn,
) -> None:
    """Bind the player, or say why not; a repetition, or a word of a link that did not win, changes nothing."""
    if referral is None or not binding.may_decide(member, referral) or referral.referrer_id != command.referrer_id:
        return
    reason = binding.refusal(member, referral)
    if reason is not None:
        binding.refuse(referral, reason, turn.now)
        turn.emit(
            LinkRefused(
                player_id=member.player_id, kind=referral.kind, value=referral.value, reason=reason, at=turn.now
            )
        )
        return
    binding.bind(referral, member, referrer, turn.now)
    turn.emit(_player_bound(referral))
    if referrer is not None:
        turn.emit(CheckRing(player_id=member.player_id, referrer_id=referrer.player_id))
    follow(referral, turn)
    sales.claim(unclaimed, referral, turn)


def _player_bound(referral: Referral) -> PlayerBound:
    if referral.started_on is None:
        raise ValueError(f"player {referral.player_id} is bound to nothing")
    return PlayerBound(
        player_id=referral.player_id,
        kind=referral.kind,
        value=referral.value,
        referrer_id=referral.referrer_id,
        started_at=referral.touched_at,
        started_on=referral.started_on,
        state=referral.state,
        score=referral.score,
    )
