"""A discount's life between the code and the money (DOMAIN §7): payments says what becomes of the purchase it is for.

Words may come twice, late, and in any order. A reservation is let go only when its time is over, so what is heard
after that is late money, which is honoured and counted as overrun.
"""

from typing import Annotated
from uuid import UUID

from actors.jobs import Job
from actors.store import Via
from actors.turn import Turn
from contracts.message import Contract
from contracts.payments import (
    InvoiceOpened,
    PreCheckoutPassed,
    PurchaseCredited,
    PurchaseFailed,
    PurchaseRefunded,
    ReleaseDiscount,
)
from contracts.promo import DiscountAppliedLate, DiscountExpired, DiscountRevoked, ExpireReservation
from promo.domain.booking import Booking
from promo.domain.campaign import Campaign
from promo.domain.code import Code
from promo.domain.redeemer import Redeemer
from promo.domain.redemption import WORDS_ARRIVE_WITHIN, Redemption
from promo.handlers.table import actor
from promo.store.redeeming import SQL


def _campaign(redemption: Redemption, _: Contract) -> str:
    return redemption.campaign


def _code(redemption: Redemption, _: Contract) -> UUID:
    return redemption.code_id


@actor.on(InvoiceOpened)
def invoice_opened(event: InvoiceOpened, redemption: Redemption | None, turn: Turn) -> None:
    """Bind a discount to the purchase that an invoice was made for; its 15 minutes begin again."""
    if redemption is not None and not event.again:
        redemption.bind(event.purchase_id, turn.message.time)


@actor.on(PreCheckoutPassed)
def pre_checkout_passed(event: PreCheckoutPassed, redemption: Redemption | None, turn: Turn) -> None:
    """Keep it until that purchase ends: the player is about to pay."""
    if redemption is not None:
        redemption.hold(event.purchase_id, turn.message.time)


@actor.on(PurchaseFailed)
def purchase_failed(event: PurchaseFailed, redemption: Redemption | None, turn: Turn) -> None:
    """Free it from a purchase that came to nothing."""
    if redemption is not None:
        redemption.let_go(event.purchase_id, turn.message.time)


@actor.on(PurchaseCredited)
def purchase_credited(
    event: PurchaseCredited,
    redeemer: Redeemer,
    redemption: Redemption | None,
    campaign: Annotated[Campaign | None, Via(Redemption, _campaign)],
    code: Annotated[Code | None, Via(Redemption, _code)],
    turn: Turn,
) -> None:
    """Note that somebody has bought, and use up the discount they bought with."""
    redeemer.has_bought = True
    if redemption is None or campaign is None or code is None:
        return
    if Booking(redemption, campaign, code).apply(event.purchase_id, turn.now):
        turn.emit(
            DiscountAppliedLate(
                player_id=event.player_id,
                redemption_id=redemption.id,
                purchase_id=event.purchase_id,
                campaign=campaign.name,
                overrun=campaign.overrun,
            )
        )


@actor.on(PurchaseRefunded)
def purchase_refunded(
    event: PurchaseRefunded,
    redeemer: Redeemer,
    redemption: Redemption | None,
    campaign: Annotated[Campaign | None, Via(Redemption, _campaign)],
    code: Annotated[Code | None, Via(Redemption, _code)],
    turn: Turn,
) -> None:
    """Take the discount back with the money. What was never credited has used nothing."""
    del redeemer  # locked, for what they use is theirs
    if redemption is None or campaign is None or code is None:
        return
    if not event.was_credited:
        redemption.let_go(event.purchase_id, turn.message.time)
    elif Booking(redemption, campaign, code).revoke(event.purchase_id, turn.now):
        turn.emit(ReleaseDiscount(player_id=event.player_id, redemption_id=redemption.id))
        turn.emit(DiscountRevoked(player_id=event.player_id, redemption_id=redemption.id, campaign=campaign.name))


@actor.every(60, name="reservation_expiry")
async def expire_reservations(job: Job) -> None:
    """Every minute: let reservations go whose time is over."""
    async for rows in job.pages_of_rows(SQL["reservations_to_expire"], job.now - WORDS_ARRIVE_WITHIN):
        await job.take([ExpireReservation(redemption_id=row[0], player_id=row[1]) for row in rows])


@actor.on(ExpireReservation)
def expire_reservation(
    command: ExpireReservation,
    redeemer: Redeemer,
    redemption: Redemption | None,
    campaign: Annotated[Campaign | None, Via(Redemption, _campaign)],
    code: Annotated[Code | None, Via(Redemption, _code)],
    turn: Turn,
) -> None:
    """Let it go unless it was prolonged or paid for meanwhile, and tell payments."""
    if redemption is None or campaign is None or code is None or not redemption.is_due(turn.now):
        return
    Booking(redemption, campaign, code).expire(turn.now)
    redeemer.forget_use(redemption.id)
    turn.emit(ReleaseDiscount(player_id=command.player_id, redemption_id=redemption.id))
    turn.emit(DiscountExpired(player_id=command.player_id, redemption_id=redemption.id, campaign=campaign.name))
