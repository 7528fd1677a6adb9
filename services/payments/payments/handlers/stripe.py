"""Stripe's events, once each: what they mean becomes a command about money (DOMAIN §6, Stripe)."""

import msgspec
import structlog

from actors.effects import Again, Attempt, Done, EffectResult, Failed, asked_seconds
from actors.turn import Turn
from contracts.payments import HearStripeEvent, Provider, RecordRefund, RefundReason, ReviewRequired
from payments.domain import stripe_events
from payments.domain.charge import Charge
from payments.domain.stripe_events import JudgeRefunds, RefundsMoved
from payments.handlers.table import actor
from payments.providers import ProviderDeniedError, ProviderRefusedError, ProviderUnavailableError
from payments.providers.registry import PaymentProviders

_ASK_AGAIN_SECONDS = 20.0
_DENIED_SECONDS = 600.0
"""Until somebody has set a key that Stripe takes."""

log = structlog.get_logger()


class AskAboutRefunds(msgspec.Struct, frozen=True):
    """Effect: ask Stripe how the refunds of a payment stand."""

    charge_id: str
    player_id: int


@actor.on(HearStripeEvent)
def hear_stripe_event(command: HearStripeEvent, turn: Turn) -> None:
    """Take the same path as a payment or refund inside Telegram."""
    said = stripe_events.meaning(command.kind, bytes(command.event), turn.now)
    if isinstance(said, RefundsMoved):
        # Not the lane of the refund itself, which waits for days when a bank does.
        effect = AskAboutRefunds(said.charge_id, said.player_id)
        turn.perform(effect, ordering_key=f"refunds_of:{said.charge_id}")
    elif said is not None:
        turn.emit(said)


@actor.effect(AskAboutRefunds, concurrency=4)
async def ask_about_refunds(effect: AskAboutRefunds, providers: PaymentProviders, attempt: Attempt) -> EffectResult:
    """Ask for what is so now: then it does not matter in which order events came, or how late."""
    try:
        found = await providers.refunds_of(effect.charge_id)
    except ProviderUnavailableError as error:
        return Again(after_seconds=asked_seconds(error.retry_after_seconds, otherwise=_ASK_AGAIN_SECONDS))
    except ProviderDeniedError as error:
        log.warning("refunds_unasked", error=str(error))
        return Again(after_seconds=_DENIED_SECONDS)
    except ProviderRefusedError:
        return Failed("unknown_payment")  # reconciliation tells of money that went where nobody knows
    return Done(
        JudgeRefunds(
            charge_id=effect.charge_id,
            player_id=effect.player_id,
            taken=found.taken,
            returned=found.returned,
            pending=found.pending,
            failure=found.failure,
            returned_at=found.returned_at or attempt.now,
        )
    )


@actor.on(JudgeRefunds)
def judge_refunds(command: JudgeRefunds, charge: Charge | None, turn: Turn) -> None:
    """All of it is back: it is a refund like any other. Part of it, or none after all: a person decides."""
    if command.taken and command.returned >= command.taken:
        turn.emit(
            RecordRefund(
                player_id=command.player_id if charge is None else charge.player_id,
                provider=Provider.STRIPE,
                charge_id=command.charge_id,
                reason=RefundReason.PROVIDER,
                refunded_at=command.returned_at,
            )
        )
    elif not command.pending and (command.failure or command.returned):
        turn.emit(
            ReviewRequired(
                player_id=command.player_id if charge is None else charge.player_id,
                purchase_id=None if charge is None else charge.purchase_id,
                charge_id=command.charge_id,
                reason=_doubt(command, charge),
                at=turn.now,
            )
        )


def _doubt(command: JudgeRefunds, charge: Charge | None) -> str:
    part = f"{command.returned} of {command.taken} are back"
    said = f"a refund failed at Stripe ({command.failure}); {part}" if command.failure else f"refunded in part: {part}"
    return f"{said}, and our books say all of it" if charge is not None and charge.is_back else said
