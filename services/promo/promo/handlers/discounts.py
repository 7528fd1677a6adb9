"""A discount's life between the code and the money (DOMAIN §7): payments says what becomes of the purchase it is for.

Words may come twice, late, and in any order. A reservation whose time is over is asked for at payments, where it is
decided under the player's lock: either no pre-checkout passes with it any more, or it stays. So it is never both free
and at the till, however late words arrive; what is paid after that is late money, honoured and counted as overrun.
"""

from typing import Annotated
from uuid import UUID

from actors.jobs import Job
from actors.store import Via
from actors.turn import Turn
from contracts.message import Contract
from contracts.payments import (
    DiscountReleased,
    InvoiceOpened,
    PreCheckoutPassed,
    PurchaseCredited,
    PurchaseFailed,
    PurchaseRefunded,
    ReleaseDiscount,
)
from contracts.promo import DiscountAppliedLate, DiscountExpired, DiscountRevoked, ExpireReservation
from promo.domain.booking import Booking
from promo.domain.bought import Bought
from promo.domain.campaign import Campaign
from promo.domain.code import Code
from promo.domain.impression import Impression
from promo.domain.prices import PriceBook
from promo.domain.prospect import Prospect
from promo.domain.redeemer import Redeemer
from promo.domain.redemption import PAID_WITHIN, Redemption, Use
from promo.handlers.purchases import Purchased
from promo.handlers.table import actor
from promo.store.redeeming import SQL


def _campaign(redemption: Redemption, _: Contract) -> str | None:
    return redemption.campaign


def _code(redemption: Redemption, _: Contract) -> UUID | None:
    return redemption.code_id


@actor.on(InvoiceOpened)
def invoice_opened(
    event: InvoiceOpened,
    redemption: Redemption | None,
    campaign: Annotated[Campaign | None, Via(Redemption, _campaign)],
    code: Annotated[Code | None, Via(Redemption, _code)],
    prices: PriceBook,
    turn: Turn,
) -> None:
    """Bind a discount to the purchase that an invoice was made for; its 15 minutes begin again."""
    if redemption is None or event.again:
        return
    redemption.bind(event.purchase_id, turn.message.time)
    taken_off = prices.taken_off_by(event, redemption.percent)
    Booking(redemption, campaign, code).invoice(event.purchase_id, taken_off)


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
    prospect: Prospect,
    bought: Bought | None,
    impression: Impression | None,
    redemption: Redemption | None,
    campaign: Annotated[Campaign | None, Via(Redemption, _campaign)],
    code: Annotated[Code | None, Via(Redemption, _code)],
    turn: Turn,
) -> None:
    """Note what somebody has bought, and use up the discount they bought with.

    What else they reserved for a first purchase is taken back, unless they are at the till with it.
    """
    for use in redeemer.buy(event.redemption_id):
        turn.emit(ReleaseDiscount(player_id=event.player_id, redemption_id=use.redemption_id, before_its_time=True))
    Purchased(bought, prospect, impression).hear(event, turn)
    if redemption is not None:
        credit(Booking(redemption, campaign, code), event.purchase_id, redeemer, turn)


def credit(booking: Booking, purchase_id: UUID, redeemer: Redeemer, turn: Turn) -> None:
    """Use it for a purchase. Late money says so, and takes the place of what the player reserved by the code since."""
    redemption = booking.redemption
    is_late = booking.apply(purchase_id, turn.now)
    redeemer.note_use(Use(redemption.id, redemption.code_id, redemption.batch_id))
    if not is_late:
        return
    for use in redeemer.reservations(redemption.code_id, redemption.batch_id):
        turn.emit(ReleaseDiscount(player_id=redeemer.player_id, redemption_id=use.redemption_id, before_its_time=True))
    turn.emit(
        DiscountAppliedLate(
            player_id=redeemer.player_id,
            redemption_id=redemption.id,
            purchase_id=purchase_id,
            campaign=redemption.campaign or "",
            overrun=booking.overrun,
            used=0 if booking.campaign is None else booking.campaign.used,
            uses_max=None if booking.campaign is None else booking.campaign.uses_max,
        )
    )


@actor.on(PurchaseRefunded)
def purchase_refunded(
    event: PurchaseRefunded,
    redeemer: Redeemer,
    prospect: Prospect,
    bought: Bought | None,
    impression: Impression | None,
    redemption: Redemption | None,
    campaign: Annotated[Campaign | None, Via(Redemption, _campaign)],
    code: Annotated[Code | None, Via(Redemption, _code)],
    turn: Turn,
) -> None:
    """Take the discount back with the money. What was never credited has used nothing.

    The refund of a credited purchase may be heard before its credit: it implies it.
    """
    Purchased(bought, prospect, impression).hear(event, turn)
    if redemption is None:
        return
    booking = Booking(redemption, campaign, code)
    if not event.was_credited:
        redemption.let_go(event.purchase_id, turn.message.time)
    else:
        revoke(booking, event.purchase_id, redeemer, turn)


def revoke(booking: Booking, purchase_id: UUID, redeemer: Redeemer, turn: Turn) -> None:
    """Take it back with the money of its purchase, which used it if that is not known yet."""
    credit(booking, purchase_id, redeemer, turn)
    if booking.revoke(purchase_id, turn.now):
        redemption = booking.redemption
        campaign = redemption.campaign or ""
        turn.emit(DiscountRevoked(player_id=redeemer.player_id, redemption_id=redemption.id, campaign=campaign))


@actor.every(60, name="reservation_expiry")
async def expire_reservations(job: Job) -> None:
    """Every minute: ask payments for the reservations whose time is over."""
    async for rows in job.pages_of_rows(SQL["reservations_to_expire"], job.now, job.now - PAID_WITHIN):
        await job.take([ExpireReservation(redemption_id=row[0], player_id=row[1]) for row in rows])


@actor.on(ExpireReservation)
def expire_reservation(command: ExpireReservation, redemption: Redemption | None, turn: Turn) -> None:
    """Ask payments for it unless it was prolonged or paid for meanwhile."""
    if redemption is not None and redemption.is_due(turn.now):
        turn.emit(ReleaseDiscount(player_id=command.player_id, redemption_id=redemption.id))


@actor.on(DiscountReleased)
def discount_released(
    event: DiscountReleased,
    redeemer: Redeemer,
    redemption: Redemption | None,
    campaign: Annotated[Campaign | None, Via(Redemption, _campaign)],
    code: Annotated[Code | None, Via(Redemption, _code)],
    turn: Turn,
) -> None:
    """Nobody can pay with it any more: its use is free again."""
    if redemption is None or not redemption.is_reserved:
        return
    Booking(redemption, campaign, code).expire(turn.now)
    redeemer.forget_use(redemption.id)
    ended = redemption.campaign or ""
    turn.emit(DiscountExpired(player_id=event.player_id, redemption_id=redemption.id, campaign=ended))
