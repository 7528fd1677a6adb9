"""Who becomes a partner, at which rates, and what they see of it: `admin.referrals.affiliate.*` (DOMAIN §9)."""

from typing import Annotated, Final
from uuid import UUID

import msgspec

from actors.store import Key
from actors.turn import Turn
from contracts.referrals import (
    AffiliatePage,
    AffiliateShown,
    ApplyAsAffiliate,
    DecidePartner,
    HoldPartner,
    ListPartners,
    PartnerAnswer,
    PartnerChanged,
    PartnerList,
    PartnerState,
    PayoutRefusal,
    SetPartnerRates,
    ShowAffiliate,
)
from referrals.domain.affiliates.figures import AffiliateFigures
from referrals.domain.affiliates.partner import PER_MILLE, Partner
from referrals.domain.link import FreshCode
from referrals.domain.member import Member
from referrals.handlers.table import actor

PlayerId = Annotated[int, msgspec.Meta(gt=0, le=2**53)]
Note = Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="Why; written to the audit.")]
Rate = Annotated[int, msgspec.Meta(ge=0, le=PER_MILLE, description="Per mille: 300 is 30 %.")]
Count = Annotated[int, msgspec.Meta(ge=1, le=500)]
_BY_PLAYER: Final = {"player_id": PlayerId, "note": Note}

S = PartnerState
ThePartner = Annotated[Partner | None, Key("player_id")]


class Page(msgspec.Struct, frozen=True):
    """What a partner's page is made of besides the partner."""

    member: Member
    figures: AffiliateFigures
    fresh: FreshCode


@actor.on(ApplyAsAffiliate)
def apply(
    command: ApplyAsAffiliate,
    member: Member,
    partner: ThePartner,
    figures: AffiliateFigures,
    fresh: FreshCode,
    turn: Turn,
) -> None:
    """Put somebody before ops, once; who was rejected may apply again."""
    if partner is None:
        partner = Partner(player_id=command.player_id, state=S.APPLIED, applied_at=turn.now, changed_at=turn.now)
        turn.create(partner)
    elif partner.state is S.REJECTED:
        partner.state, partner.changed_at = S.APPLIED, turn.now
    turn.emit(shown(partner, Page(member, figures, fresh)))


@actor.on(ShowAffiliate)
def show(
    command: ShowAffiliate,
    member: Member,
    partner: ThePartner,
    figures: AffiliateFigures,
    fresh: FreshCode,
    turn: Turn,
) -> None:
    """Tell how somebody stands as a partner, and what they have."""
    if partner is None:
        turn.emit(AffiliateShown(player_id=command.player_id))
    else:
        turn.emit(shown(partner, Page(member, figures, fresh), view=command.view))


def shown(
    partner: Partner,
    of: Page,
    *,
    view: AffiliatePage = AffiliatePage.PAGE,
    refusal: PayoutRefusal | None = None,
    asked: UUID | None = None,
) -> AffiliateShown:
    """Return a partner's page; who is none yet has little on it."""
    first, later = partner.rates
    is_partner = partner.state is S.APPROVED
    return AffiliateShown(
        player_id=partner.player_id,
        state=partner.state,
        revision=partner.revision,
        code=_own_code(of.member, of.fresh) if is_partner else "",
        first_per_mille=first,
        later_per_mille=later,
        funnel=of.figures.funnel,
        pending=partner.purse.pending,
        payable=partner.purse.payable,
        in_payout=partner.purse.in_payout,
        paid=partner.purse.paid,
        on_hold=partner.is_held,
        payouts=of.figures.payouts,
        weeks=of.figures.weeks,
        view=view,
        refusal=refusal,
        asked=asked,
    )


# -- what ops decide --------------------------------------------------------------------------------


@actor.admin(
    "affiliate", "list", answer=PartnerList, fixed={"queue": "affiliates"}, limits={"limit": Count}, reads=True
)
@actor.on(ListPartners)
def list_partners(command: ListPartners, page: PartnerList, turn: Turn) -> None:
    """Answer with partners, and with who applied."""
    del command
    turn.reply(page)


@actor.admin(
    "affiliate", "approve", answer=PartnerAnswer, limits=_BY_PLAYER, fixed={"state": S.APPROVED, "enrol": False}
)
@actor.admin("affiliate", "enrol", answer=PartnerAnswer, limits=_BY_PLAYER, fixed={"state": S.APPROVED, "enrol": True})
@actor.admin(
    "affiliate", "reject", answer=PartnerAnswer, limits=_BY_PLAYER, fixed={"state": S.REJECTED, "enrol": False}
)
@actor.admin("affiliate", "ban", answer=PartnerAnswer, limits=_BY_PLAYER, fixed={"state": S.BANNED, "enrol": False})
@actor.on(DecidePartner)
def decide_partner(command: DecidePartner, member: Member, partner: ThePartner, fresh: FreshCode, turn: Turn) -> None:
    """Make somebody a partner, or none; a conflict changes nothing and shows how they stand."""
    fault = _fault(command, partner)
    if fault:
        turn.reply(PartnerAnswer(done=False, reason=fault, partner=None if partner is None else partner.view()))
        return
    if partner is None:
        partner = Partner(player_id=command.player_id, state=S.APPLIED, applied_at=turn.now, changed_at=turn.now)
        turn.create(partner)
    partner.decide(command.state, turn.signed(command.note), turn.now)
    turn.emit(_changed(partner, member, fresh, turn))
    turn.reply(PartnerAnswer(done=True, partner=partner.view()))


_FROM: Final = {
    S.APPROVED: (S.APPLIED,),
    S.REJECTED: (S.APPLIED,),
    S.BANNED: (S.APPROVED,),
}
"""From which state a decision leads to each; `enrol` leads to APPROVED from any but itself."""


def _fault(command: DecidePartner, partner: Partner | None) -> str:
    """Return what is in the way, naming field and remedy; empty when nothing is."""
    state = None if partner is None else partner.state
    if command.expected is not None and state is not command.expected:
        return f"expected: they are {state or 'nothing yet'}, not {command.expected}; look again and repeat"
    if command.enrol:
        return "player_id: they are APPROVED already" if state is S.APPROVED else ""
    if state is None:
        return "player_id: they never applied; admin.referrals.affiliate.enrol makes a partner of anybody"
    if state not in _FROM.get(command.state, ()):
        return f"player_id: they are {state}; that leads not to {command.state}"
    return ""


@actor.admin(
    "affiliate", "rate", answer=PartnerAnswer, limits=_BY_PLAYER | {"first_per_mille": Rate, "later_per_mille": Rate}
)
@actor.on(SetPartnerRates)
def set_partner_rates(
    command: SetPartnerRates, member: Member, partner: ThePartner, fresh: FreshCode, turn: Turn
) -> None:
    """Have a partner's purchases from now on earn other rates."""
    if partner is None or partner.state is not S.APPROVED:
        turn.reply(_no_partner(partner))
        return
    partner.set_rates(command.first_per_mille, command.later_per_mille, turn.now)
    partner.changed_at, partner.revision = turn.now, partner.revision + 1
    turn.emit(_changed(partner, member, fresh, turn))
    turn.reply(PartnerAnswer(done=True, partner=partner.view()))


@actor.admin("affiliate", "hold", answer=PartnerAnswer, limits=_BY_PLAYER, fixed={"hold": True})
@actor.admin("affiliate", "release", answer=PartnerAnswer, limits=_BY_PLAYER, fixed={"hold": False})
@actor.on(HoldPartner)
def hold_partner(command: HoldPartner, partner: ThePartner, turn: Turn) -> None:
    """Open or close a risk case: while it is open nothing becomes payable, and nothing is paid."""
    if partner is None:
        turn.reply(_no_partner(partner))
        return
    if not command.hold:
        partner.held_since = None
    elif partner.held_since is None:
        partner.held_since = turn.now
    partner.note, partner.changed_at = turn.signed(command.note), turn.now
    turn.reply(PartnerAnswer(done=True, partner=partner.view()))


def _no_partner(partner: Partner | None) -> PartnerAnswer:
    reason = "player_id: no partner; admin.referrals.affiliate.list has them"
    return PartnerAnswer(done=False, reason=reason, partner=None if partner is None else partner.view())


def _changed(partner: Partner, member: Member, fresh: FreshCode, turn: Turn) -> PartnerChanged:
    first, later = partner.rates
    return PartnerChanged(
        player_id=partner.player_id,
        state=partner.state,
        revision=partner.revision,
        first_per_mille=first,
        later_per_mille=later,
        code=_own_code(member, fresh) if partner.state is S.APPROVED else "",
        at=turn.now,
    )


def _own_code(member: Member, fresh: FreshCode) -> str:
    """Return the code of the player's own link, which is made at the first wish."""
    if member.code is None:
        member.code = fresh.code
    return member.code
