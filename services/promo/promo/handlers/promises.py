"""Personal discounts (DOMAIN §8): redemptions without a code, promised with an offer, and held by payments.

The offer is shown by promo's own word, which has the prices; payments has to know of the discount only when the player
buys with it. Should NATS lose that, it is said again some times in the first minutes.
"""

from datetime import datetime, timedelta
from typing import Annotated, Final

from actors.jobs import Job
from actors.store import Key
from actors.turn import Turn
from contracts.payments import HoldDiscount, OfferNote, Product
from contracts.promo import OfferMade, RedemptionState
from promo.domain.impression import Impression
from promo.domain.promise import RepeatPromise
from promo.domain.redemption import Redemption
from promo.domain.trigger import PersonalDiscount
from promo.domain.triggers import declared
from promo.handlers.table import actor
from promo.store.redeeming import SQL

REPEATED_FROM: Final = timedelta(minutes=1)
REPEATED_UNTIL: Final = timedelta(minutes=5)
"""Said again between these ages, each minute; it does no harm, and a lost one is good before most have tapped."""


def reserve(made: OfferMade, discount: PersonalDiscount, turn: Turn) -> None:
    """Promise a discount: a redemption without a code, which has the impression's id."""
    until = turn.now + discount.lasts
    redemption = Redemption(
        id=made.impression_id,
        player_id=made.player_id,
        code_id=None,
        batch_id=None,
        campaign=None,
        state=RedemptionState.RESERVED,
        made_at=turn.now,
        changed_at=turn.now,
        percent=discount.percent,
        reserved_until=until,
        promised_until=until,
    )
    turn.create(redemption)
    note = OfferNote(
        trigger=made.trigger, is_blocking=made.is_blocking, mode="" if made.mode is None else made.mode.value
    )
    _hold(redemption, until, made.products, note, turn)


@actor.every(60, name="promises")
async def repeat_promises(job: Job) -> None:
    """Every minute: tell payments again of discounts that were promised some minutes ago."""
    begin, end = job.now - REPEATED_UNTIL, job.now - REPEATED_FROM
    async for rows in job.pages_of_rows(SQL["young_promises"], begin, end):
        await job.take([RepeatPromise(redemption_id=row[0], player_id=row[1]) for row in rows])


@actor.on(RepeatPromise)
def repeat_promise(
    command: RepeatPromise,
    impression: Annotated[Impression | None, Key("redemption_id")],
    redemption: Redemption | None,
    turn: Turn,
) -> None:
    """Tell payments of it again while it is reserved and lasts; one that was used or let go stays so."""
    del command
    if impression is None or redemption is None or not redemption.is_reserved:
        return
    until = redemption.promised_until
    products = next((one.products for one in declared() if one.name == impression.trigger), ())
    if until is not None and turn.now < until and products:
        _hold(redemption, until, products, OfferNote(trigger=impression.trigger), turn)


def _hold(redemption: Redemption, until: datetime, products: tuple[Product, ...], offer: OfferNote, turn: Turn) -> None:
    turn.emit(
        HoldDiscount(
            player_id=redemption.player_id,
            redemption_id=redemption.id,
            percent=redemption.percent,
            products=products,
            reserved_until=until,
            offer=offer,
        )
    )
