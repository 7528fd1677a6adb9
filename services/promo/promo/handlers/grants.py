"""Every 15 minutes: premium that codes gave and payments has never heard of is told again (DOMAIN §7, decision 20).

The word to payments can be lost with its stream, and the player has been told of their days by then. Payments is asked
which grants its ledger has; what lacks is told again under the same id, which makes it one.
"""

from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import UUID

import structlog

from actors.asking import QueryError
from actors.jobs import Job
from actors.store import Via
from actors.turn import Turn
from contracts.message import Contract
from promo.domain.campaign import Campaign
from promo.domain.comparison import GRANTS, IN_FLIGHT, OVERLAP, NoteCompared, TellGrantAgain
from promo.domain.redemption import Redemption
from promo.handlers.redeeming import premium_of
from promo.handlers.table import actor
from promo.providers.payments_books import PaymentsBooks
from promo.store.comparison import SQL, compared_until

_EVER: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""Before the first code there was."""
_FIRST: Final = (_EVER, UUID(int=0))

log = structlog.get_logger()


@actor.every(900, name="grants_given")
async def compare_grants(job: Job) -> None:
    """Tell again what payments lacks. While it does not answer nothing is compared, and the next time looks at it."""
    until = job.now - IN_FLIGHT
    async with job.connection() as connection:
        compared = await compared_until(connection, GRANTS)
    since = _EVER if compared is None else compared - OVERLAP
    try:
        async for rows in job.pages_of_rows(SQL["granted"], since, until, after=_FIRST):
            booked = await job.resource(PaymentsBooks).booked([row[1] for row in rows])
            lacking = [TellGrantAgain(player_id=row[2], redemption_id=row[1]) for row in rows if row[1] not in booked]
            if lacking:
                log.warning("premium_told_again", grants=len(lacking))
                await job.take(lacking)
    except QueryError as error:
        log.warning("grants_not_compared", error=str(error))
        return
    await job.take([NoteCompared(name=GRANTS, until=until)], idempotency_key=f"compared:{job.firing}")


def _campaign(redemption: Redemption, _: Contract) -> str | None:
    return redemption.campaign


@actor.on(TellGrantAgain)
def tell_grant_again(
    command: TellGrantAgain,
    redemption: Redemption | None,
    campaign: Annotated[Campaign | None, Via(Redemption, _campaign)],
    turn: Turn,
) -> None:
    """Say once more what payments is to give."""
    del command
    if redemption is not None and campaign is not None and redemption.is_used and not redemption.percent:
        turn.emit(premium_of(redemption, campaign))
