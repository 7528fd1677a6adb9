"""Premium without a payment: by hand, for a promo code or a referral (DOMAIN §7, §9)."""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from actors.endpoints import Endpoint
from actors.turn import Turn
from contracts.payments import BookedGrantsAnswer, BookedGrantsQuery, GrantPremium
from payments.domain import given
from payments.domain.customer import Customer
from payments.domain.premium import BookedGrant, PremiumGrant
from payments.handlers.admin_limits import PlayerId
from payments.handlers.credit import premium_changed
from payments.handlers.table import actor
from payments.store.ledger import SQL as LEDGER

LIMITS: Final = {
    "player_id": PlayerId,
    "days": Annotated[int, msgspec.Meta(ge=1, le=3_660)],
    "rank": Annotated[int, msgspec.Meta(ge=1, le=4)],
    "source": Literal["PROMO", "REFERRAL"],
    "reason": Annotated[str, msgspec.Meta(min_length=1, max_length=200)],
}


class PremiumAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Premium as it stands after a grant."""

    rank: int
    until: datetime


@actor.query("booked_grants", request=BookedGrantsQuery, response=BookedGrantsAnswer)
async def query_booked_grants(request: BookedGrantsQuery, endpoint: Endpoint) -> BookedGrantsAnswer:
    """Tell which grants were given, for whoever gave them to tell again what lacks (decision 20)."""
    async with endpoint.connection() as connection:
        booked = await connection.fetch(LEDGER["booked_grants"], request.grant_ids)
        revoked = await connection.fetch(LEDGER["revoked_grants"], request.grant_ids)
    return BookedGrantsAnswer(booked=tuple(row[0] for row in booked), revoked=tuple(row[0] for row in revoked))


@actor.admin("premium", "grant", answer=PremiumAnswer, limits=LIMITS, fixed={"grant_id": None})
@actor.on(GrantPremium)
def grant_premium(command: GrantPremium, customer: Customer, booked: BookedGrant | None, turn: Turn) -> None:
    """Add the days to what is running, with its rank unchanged; else begin new premium. Once for what they are for."""
    if command.grant_id is not None and (booked is not None or customer.premium.has(command.grant_id)):
        return
    grant_id = command.grant_id or turn.new_id()
    grant = PremiumGrant(grant_id, command.rank, command.days, turn.now, extends=True)
    customer.change_premium(customer.premium.granted(grant), turn.now)
    turn.record(
        given.grant(
            transaction_id=grant.id,
            player_id=command.player_id,
            days=command.days,
            source=command.source,
            reason=turn.signed(command.reason),
            idempotency_key=turn.message.id if command.grant_id is None else str(command.grant_id),
            at=turn.now,
        )
    )
    turn.emit(premium_changed(customer, turn))
    now_running = customer.premium.terms[-1]
    turn.reply(PremiumAnswer(rank=now_running.rank, until=now_running.ends))
