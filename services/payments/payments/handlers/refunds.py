"""Refunds: by ops, by policy, or by the provider; all lead to the same end (DOMAIN §6, refund).

A provider that is away is asked again. One that says no for good ends the refund: everything is as it was before, a
person is told, and nobody asks any more until a person does (`admin.payments.refund.start`, `.orphan`, `.settle`).
"""

from typing import Annotated, Final
from uuid import UUID

import msgspec
import structlog

from actors.effects import ATTEMPTS_MAX, Again, Attempt, Done, EffectResult, Failed, asked_seconds
from actors.store import Via
from actors.turn import Turn
from contracts.gameplay import GrantTakenBack
from contracts.message import Contract
from contracts.payments import PurchaseState as S
from contracts.payments import (
    RecordRefund,
    RecordRefundFailure,
    RefundOrphan,
    RefundPurchase,
    RefundReason,
    RefundStarted,
    ReviewRequired,
)
from payments.domain import ledger
from payments.domain.charge import Charge, ChargeState
from payments.domain.customer import Customer
from payments.domain.discount import Discount
from payments.domain.goods import Owed
from payments.domain.purchase import Purchase
from payments.handlers import four_eyes, refund_steps
from payments.handlers.admin_limits import ChargeId, Note, PlayerId
from payments.handlers.refund_steps import RefundAtProvider
from payments.handlers.table import actor
from payments.providers import ProviderDeniedError, ProviderRefusedError, ProviderUnavailableError, RefundOutcome
from payments.providers.registry import PaymentProviders

_REFUNDABLE = (S.CREDITED, S.REVIEW, S.PAID_UNCREDITED)
_ASK_AGAIN_SECONDS = 20.0
_LOOK_AGAIN_SECONDS = 600.0
"""At a refund that a buyer's bank takes days for; word of its end usually comes sooner."""


log = structlog.get_logger()


class RefundAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the wish to give money back."""

    started: bool
    state: str
    reason: str = ""


def purchase_of(charge: Charge, message: Contract) -> UUID | None:
    """Return which purchase a charge pays for."""
    del message
    return charge.purchase_id


def _payer_of(charge: Charge, message: Contract) -> int | None:
    del message
    return None if charge.purchase_id is None else charge.player_id


def _redemption(purchase: Purchase, message: Contract) -> UUID | None:
    del message
    return purchase.redemption_id


LIMITS: Final = {"player_id": PlayerId, "note": Note}
BY_OPERATOR: Final = {"reason": RefundReason.OPERATOR}
_GOES_BACK: Final = "The money goes back to the player, and what it bought is taken away."


@actor.admin(
    "review",
    "refund",
    answer=RefundAnswer,
    limits=LIMITS,
    fixed=BY_OPERATOR,
    irreversible=_GOES_BACK,
    second=four_eyes.REFUND,
)
@actor.admin(
    "refund",
    "start",
    answer=RefundAnswer,
    limits=LIMITS,
    fixed=BY_OPERATOR,
    irreversible=_GOES_BACK,
    second=four_eyes.REFUND,
)
@actor.on(RefundPurchase)
def refund_purchase(command: RefundPurchase, purchase: Purchase | None, turn: Turn) -> None:
    """Begin to give the money of a purchase back; asking again for one that is pending asks the provider again."""
    if purchase is None or purchase.player_id != command.player_id:
        reason = "purchase_id: no paid purchase of this player; look it up with admin.payments.purchase.show"
        turn.reply(RefundAnswer(started=False, state="", reason=reason))
    elif purchase.state in _REFUNDABLE:
        refund_steps.start(purchase, command.reason, turn)
        turn.reply(RefundAnswer(started=True, state=purchase.state))
    elif purchase.state is S.REFUND_PENDING:
        purchase.ask_refund_again(turn.now)
        refund_steps.ask_provider(purchase, command.reason, turn)
        reason = "pending already; the provider is asked again"
        turn.reply(RefundAnswer(started=True, state=purchase.state, reason=reason))
    else:
        reason = f"purchase_id: the purchase is {purchase.state}; there is nothing to give back"
        turn.reply(RefundAnswer(started=False, state=purchase.state, reason=reason))


@actor.admin(
    "refund",
    "orphan",
    answer=RefundAnswer,
    limits=LIMITS | {"charge_id": ChargeId},
    fixed=BY_OPERATOR,
    irreversible="The money goes back to who paid it.",
    confirm="charge_id",
    second=four_eyes.ORPHAN,
)
@actor.on(RefundOrphan)
def refund_orphan(command: RefundOrphan, charge: Charge | None, turn: Turn) -> None:
    """Begin to give back money that belongs to no purchase."""
    if charge is None or charge.state not in (ChargeState.ORPHAN, ChargeState.REFUND_PENDING):
        state = "" if charge is None else charge.state
        reason = "charge_id: no orphan; one that has a purchase is refunded with admin.payments.refund.start"
        turn.reply(RefundAnswer(started=False, state=state, reason=reason))
        return
    is_first = charge.state is ChargeState.ORPHAN
    charge.ask_back(turn.now)
    # Where the provider did not say who paid, an operator does.
    payer = charge.player_id or command.player_id
    refund_steps.ask_provider(msgspec.structs.replace(charge, player_id=payer), command.reason, turn)
    if is_first:
        started = RefundStarted(player_id=payer, charge_id=charge.charge_id, purchase_id=None, reason=command.reason)
        turn.emit(started)
    turn.reply(RefundAnswer(started=True, state=charge.state))


@actor.effect(RefundAtProvider, concurrency=4)
async def refund_at_provider(effect: RefundAtProvider, providers: PaymentProviders, attempt: Attempt) -> EffectResult:
    """Ask the provider to give the money back; money that is back already counts as given back.

    One that is pending may still fail: the effect waits until it is settled, and nothing is taken back before. When its
    tries are used up that is a no as well: should the money be back all the same, the provider's list tells.
    """
    try:
        key = f"refund:{attempt.effect_id}"
        outcome = await providers.refund(effect.provider, effect.charge_id, effect.player_id, key)
    except ProviderUnavailableError as error:
        return Again(after_seconds=asked_seconds(error.retry_after_seconds, otherwise=_ASK_AGAIN_SECONDS))
    except ProviderDeniedError as error:
        log.warning("refund_put_off", provider=effect.provider, error=str(error))
        return Again(after_seconds=_LOOK_AGAIN_SECONDS)
    except ProviderRefusedError as error:
        return _refused("refund_refused", effect, str(error))
    except Exception as error:
        if attempt.number < ATTEMPTS_MAX:
            raise
        log.exception("refund_given_up", charge_id=effect.charge_id)
        return _refused("refund_given_up", effect, f"after {attempt.number} tries: {type(error).__name__}")
    if outcome is RefundOutcome.PENDING:
        return Again(after_seconds=_LOOK_AGAIN_SECONDS)
    return Done(
        RecordRefund(
            player_id=effect.player_id,
            provider=effect.provider,
            charge_id=effect.charge_id,
            reason=effect.reason,
            refunded_at=attempt.now,
        )
    )


@actor.on(RecordRefund)
def record_refund(
    command: RecordRefund,
    charge: Charge | None,
    customer: Annotated[Customer | None, Via(Charge, _payer_of)],
    purchase: Annotated[Purchase | None, Via(Charge, purchase_of)],
    discount: Annotated[Discount | None, Via(Purchase, _redemption)],
    turn: Turn,
) -> None:
    """Write down that money is back; before its payment was heard of, that much is remembered."""
    if charge is None:
        turn.create(_refunded_before_paid(command, turn))
    elif charge.is_back:
        return
    elif command.amount is not None and command.amount < charge.amount:
        reason = f"{command.amount} of {charge.amount} went back ({command.reason}); all that it bought is still given"
        _tell_person(charge, reason, turn)
    elif purchase is None or customer is None:
        charge.give_back(command.refunded_at)
        refund_steps.book_uncredited(charge, turn)
    else:
        # Why it was begun is why it went back, whoever tells of it first.
        reason = _begun_for(purchase) or command.reason
        if purchase.state is not S.REFUND_PENDING:
            purchase.start_refund(reason, turn.now)
        at = command.refunded_at
        refund_steps.finish(charge, purchase, customer, discount, reason=reason, at=at, turn=turn)


def _refused(label: str, effect: RefundAtProvider, words: str) -> Failed:
    failure = RecordRefundFailure(player_id=effect.player_id, charge_id=effect.charge_id, error=words)
    return Failed(label, failure)


@actor.on(RecordRefundFailure)
def record_refund_failure(
    command: RecordRefundFailure,
    charge: Charge | None,
    purchase: Annotated[Purchase | None, Via(Charge, purchase_of)],
    turn: Turn,
) -> None:
    """The provider refuses for good: the money stays where it was before it was asked for, and a person is told.

    What was credited stays credited, an orphan is one again, and what was neither is under review.
    """
    if charge is None or charge.is_back:
        return
    reason = f"the provider refuses the refund: {command.error}"
    is_news = charge.refuse_back(command.error)
    if purchase is not None and purchase.state is S.REFUND_PENDING:
        purchase.keep(reason, turn.now)
        is_news = True
    if is_news:
        _tell_person(charge, reason, turn)


@actor.on(GrantTakenBack)
def owe_what_is_missing(event: GrantTakenBack, owed: Owed | None, turn: Turn) -> None:
    """What was spent already of a revoked grant is written as debt, once, by whatever message it is learnt."""
    if owed is not None:
        return
    missing = {
        ledger.Asset.PAID_ENERGY: event.missing_paid_energy,
        ledger.Asset.SAVER_TOKEN: event.missing_saver_tokens,
        ledger.Asset.DUEL_TICKET: event.missing_duel_tickets,
        ledger.Asset.MODE_HOURS: event.missing_mode_hours,
    }
    if any(missing.values()):
        turn.record(
            ledger.debt(
                transaction_id=turn.new_id(),
                grant_id=event.grant_id,
                player_id=event.player_id,
                missing=missing,
                at=turn.now,
            )
        )


def _tell_person(charge: Charge, reason: str, turn: Turn) -> None:
    turn.emit(
        ReviewRequired(
            player_id=charge.player_id,
            purchase_id=charge.purchase_id,
            charge_id=charge.charge_id,
            reason=reason,
            at=turn.now,
        )
    )


def _begun_for(purchase: Purchase) -> RefundReason | None:
    known = purchase.state is S.REFUND_PENDING and purchase.reason in set(RefundReason)
    return RefundReason(purchase.reason) if known else None


def _refunded_before_paid(command: RecordRefund, turn: Turn) -> Charge:
    return Charge(
        charge_id=command.charge_id,
        provider=command.provider,
        player_id=command.player_id,
        purchase_id=None,
        state=ChargeState.REFUNDED,
        payload="",
        amount=0,
        currency="",
        paid_at=None,
        recorded_at=turn.now,
        refunded_at=command.refunded_at,
    )
