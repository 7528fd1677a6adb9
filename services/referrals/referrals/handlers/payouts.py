"""Payouts (DOMAIN §9): asked for by a partner, decided by ops, and paid once, whatever is lost on the way."""

from typing import Annotated, Final

import msgspec

from actors.endpoints import Endpoint, FourEyes
from actors.store import Key, Via
from actors.turn import Turn
from contracts.message import Contract
from contracts.payments import STARS_OF_MONTHS, GiveTelegramPremium, TelegramPremiumGiven, TelegramPremiumNotGiven
from contracts.referrals import (
    AffiliateShown,
    ApprovePayout,
    CancelPayout,
    ListPayouts,
    PayoutAnswer,
    PayoutChanged,
    PayoutKind,
    PayoutList,
    PayoutRefusal,
    PayoutState,
    RequestPayout,
    SettlePayout,
)
from referrals.domain.affiliates import payout as rules
from referrals.domain.affiliates.figures import PAYOUTS_SHOWN, AffiliateFigures
from referrals.domain.affiliates.internal import HearGift
from referrals.domain.affiliates.ledger import Transaction
from referrals.domain.affiliates.partner import Partner
from referrals.domain.affiliates.payout import Payout, UsedReference
from referrals.domain.link import FreshCode
from referrals.domain.member import Member
from referrals.handlers.affiliates import Count, Note, Page, ThePartner, shown
from referrals.handlers.table import actor

Reference = Annotated[str, msgspec.Meta(min_length=1, max_length=100, description="Of ops' own books; used once.")]
S = PayoutState


def _payee(payout: Payout, message: Contract) -> int:
    """Return whose payout it is."""
    del message
    return payout.player_id


Payee = Annotated[Partner | None, Via(Payout, _payee)]
GiftPayout = Annotated[Payout | None, Key("gift_id")]


@actor.on(RequestPayout)
def request_payout(
    command: RequestPayout,
    member: Member,
    partner: ThePartner,
    figures: AffiliateFigures,
    fresh: FreshCode,
    turn: Turn,
) -> None:
    """Put a payout before ops, or tell the partner why not; one that is open stays the only one."""
    refusal = rules.refusal(partner, command.kind, command.months)
    if partner is None:
        turn.emit(AffiliateShown(player_id=command.player_id, refusal=PayoutRefusal.NO_PARTNER))
        return
    if refusal is not None:
        turn.emit(shown(partner, Page(member, figures, fresh), refusal=refusal))
        return
    is_gift = command.kind is PayoutKind.PREMIUM_GIFT
    payout = Payout(
        payout_id=turn.new_id(),
        player_id=command.player_id,
        kind=command.kind,
        stars=STARS_OF_MONTHS[command.months] if is_gift else partner.purse.payable,
        months=command.months if is_gift else 0,
        state=S.REQUESTED,
        requested_at=turn.now,
        changed_at=turn.now,
    )
    turn.create(payout)
    partner.open_payout = payout.payout_id
    turn.emit(PayoutChanged(player_id=payout.player_id, payout=payout.view()), origin="")
    seen = msgspec.structs.replace(figures, payouts=(payout.view(), *figures.payouts)[:PAYOUTS_SHOWN])
    turn.emit(shown(partner, Page(member, seen, fresh), asked=payout.payout_id))


# -- what ops decide --------------------------------------------------------------------------------


@actor.admin("payout", "list", answer=PayoutList, fixed={"queue": "payouts"}, limits={"limit": Count}, reads=True)
@actor.on(ListPayouts)
def list_payouts(command: ListPayouts, page: PayoutList, turn: Turn) -> None:
    """Answer with payouts, the oldest first."""
    del command
    turn.reply(page)


_DECIDED: Final = {"note": Note}


async def _any_payout(command: ApprovePayout, endpoint: Endpoint) -> str:
    """Return why a payout waits for a second operator, whatever it is (DOMAIN §13)."""
    del command, endpoint
    return "a payout needs a second operator"


@actor.admin(
    "payout",
    "approve",
    answer=PayoutAnswer,
    limits=_DECIDED,
    irreversible="A gift is asked for at once.",
    second=FourEyes(rule="every payout", needed=_any_payout),
)
@actor.on(ApprovePayout)
def approve_payout(command: ApprovePayout, payout: Payout | None, partner: Payee, turn: Turn) -> None:
    """Set the Stars of a payout apart, and have a gift be given; an external one waits for ops to pay it."""
    fault = _fault(payout, command.expected)
    if payout is None or partner is None or fault:
        turn.reply(_refused(payout, fault))
        return
    outcome = payout.approve(partner, turn.new_id(), turn.now)
    if isinstance(outcome, str):
        turn.reply(_refused(payout, outcome))
        return
    _book(outcome, partner, turn)
    if payout.kind is PayoutKind.PREMIUM_GIFT:
        payout.begin(turn.now)
        turn.emit(_gift(payout))
    _tell(payout, turn)
    turn.reply(PayoutAnswer(done=True, payout=payout.view()))


@actor.admin(
    "payout",
    "settle",
    answer=PayoutAnswer,
    limits=_DECIDED | {"reference": Reference},
    irreversible="The payout counts as paid for good.",
)
@actor.on(SettlePayout)
def settle_payout(
    command: SettlePayout, payout: Payout | None, partner: Payee, used: UsedReference | None, turn: Turn
) -> None:
    """Write down that an external payout was paid, under which reference; also one that was canceled meanwhile."""
    fault = _fault(payout, command.expected)
    if payout is not None and not fault:
        if payout.kind is not PayoutKind.EXTERNAL:
            fault = "payout_id: a gift; an unsure one is settled with admin.payments.gift.settle"
        elif not payout.may_have_been_paid:
            fault = f"payout_id: it is {payout.state}; only one that was approved, and is not settled, is paid"
        elif used is not None:
            fault = f"reference: it settled payout {used.payout_id}; each has one of its own"
    if payout is None or partner is None or fault:
        turn.reply(_refused(payout, fault))
        return
    payout.reference = command.reference
    _send(payout, partner, turn)
    turn.reply(PayoutAnswer(done=True, payout=payout.view()))


@actor.admin("payout", "cancel", answer=PayoutAnswer, limits=_DECIDED)
@actor.on(CancelPayout)
def cancel_payout(command: CancelPayout, payout: Payout | None, partner: Payee, turn: Turn) -> None:
    """Cancel a payout that nobody has begun to pay."""
    fault = _fault(payout, command.expected)
    if payout is not None and not fault and payout.state not in (S.REQUESTED, S.APPROVED):
        fault = f"payout_id: it is {payout.state}; only what is REQUESTED or APPROVED can be canceled"
    if payout is None or partner is None or fault:
        turn.reply(_refused(payout, fault))
        return
    _end(payout, partner, S.CANCELED, turn.signed(command.note), turn)
    turn.reply(PayoutAnswer(done=True, payout=payout.view()))


def _fault(payout: Payout | None, expected: PayoutState | None) -> str:
    if payout is None:
        return "payout_id: no such payout; admin.referrals.payout.list has them"
    if expected is not None and payout.state is not expected:
        return f"expected: it is {payout.state}, not {expected}; look again and repeat"
    return ""


def _refused(payout: Payout | None, reason: str) -> PayoutAnswer:
    return PayoutAnswer(done=False, reason=reason, payout=None if payout is None else payout.view())


# -- what payments says of a gift -------------------------------------------------------------------


@actor.on(TelegramPremiumGiven)
def gift_given(event: TelegramPremiumGiven, payout: GiftPayout, partner: Payee, turn: Turn) -> None:
    """The partner has it; what was thought to have failed is paid all the same."""
    del event
    if payout is not None and partner is not None:
        _send(payout, partner, turn)


@actor.on(TelegramPremiumNotGiven)
def gift_not_given(event: TelegramPremiumNotGiven, payout: GiftPayout, partner: Payee, turn: Turn) -> None:
    """Nothing was paid: the Stars are payable again."""
    if payout is not None and partner is not None and payout.state is S.SENDING:
        _end(payout, partner, S.FAILED, event.reason, turn)


@actor.on(HearGift)
def hear_gift(command: HearGift, payout: Payout | None, partner: Payee, turn: Turn) -> None:
    """Payments was asked, for its word did not come: how it stands, or that it was never asked for."""
    if payout is None or partner is None:
        return
    if payout.state is S.FAILED and command.given:
        _send(payout, partner, turn)
    elif payout.state is not S.SENDING:
        return
    elif command.given is None:
        turn.emit(_gift(payout))
    elif command.given:
        _send(payout, partner, turn)
    else:
        _end(payout, partner, S.FAILED, command.reason, turn)


def _gift(payout: Payout) -> GiveTelegramPremium:
    """Return the wish; said again it is the same, by the payout's id."""
    return GiveTelegramPremium(player_id=payout.player_id, gift_id=payout.payout_id, months=payout.months)


def _send(payout: Payout, partner: Partner, turn: Turn) -> None:
    transaction = payout.send(turn.new_id(), turn.now)
    if transaction is None:
        return
    _book(transaction, partner, turn)
    _close(payout, partner, turn)


def _end(payout: Payout, partner: Partner, state: PayoutState, reason: str, turn: Turn) -> None:
    transaction = payout.end(state, reason, turn.new_id(), turn.now)
    if transaction is not None:
        _book(transaction, partner, turn)
    _close(payout, partner, turn)


def _close(payout: Payout, partner: Partner, turn: Turn) -> None:
    if partner.open_payout == payout.payout_id:
        partner.open_payout = None
    _tell(payout, turn)


def _book(transaction: Transaction, partner: Partner, turn: Turn) -> None:
    partner.purse = partner.purse.after(transaction, partner.player_id)
    turn.record(transaction)


def _tell(payout: Payout, turn: Turn) -> None:
    turn.emit(PayoutChanged(player_id=payout.player_id, payout=payout.view()), origin="")
