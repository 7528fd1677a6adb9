"""Promo codes in chaos: campaigns with too few uses for all who want one, reservations whose time is over at once."""

from dataclasses import dataclass

import asyncpg

from chaos.operators import Operator
from devstack.promo_codes import made_by_the_tool
from devstack.stack import Stack

_DAYS, _HALF, _OWN = "chaos-days", "chaos-half", "chaos-own"
_OWN_CODES = 60
_CAMPAIGNS = {
    _DAYS: {"type": "PREMIUM_GRANT", "premium_days": 7, "uses_max": 40, "uses_per_code_max": None},
    _HALF: {
        "type": "PERCENT_DISCOUNT",
        "percent": 50,
        "uses_max": 60,
        "uses_per_code_max": None,
        "scope": "MICRO_ANY",
        "budget": 300,
        "budget_unit": "STARS",
    },
    _OWN: {"type": "PERCENT_DISCOUNT", "percent": 20},
}
_AGO = "20 minutes"
"""More than a reservation lives, and more than promo waits for payments' last word."""
_TIME_IS_OVER = f"""
with over as (
    update promo.redemptions set reserved_until = reserved_until - interval '{_AGO}'
    where state = 'RESERVED' and reserved_until > now()
    returning id
)
select count(*) from over
"""
# By itself: payments may hear of a reservation only after its time was moved.
_HELD_NO_LONGER = f"""
update payments.discounts set reserved_until = reserved_until - interval '{_AGO}'
where reserved_until > now() and redemption_id in (
    select id from promo.redemptions where state = 'RESERVED' and reserved_until is not null
)
"""


@dataclass(frozen=True)
class Codes:
    """The codes of one run; the same seed has players type the same kinds, though each run's codes are its own."""

    days: str
    """Premium for the first who type it."""
    half: str
    """A discount for the first who type it."""
    own: list[str]
    """Discounts of one use each, fewer than there are players."""

    def of(self, kind: str, player: int) -> str:
        """Return the code of that kind for the player of that number."""
        return {"days": self.days, "half": self.half, "own": self.own[player % len(self.own)]}.get(
            kind, f"GUESS{player}"
        )


async def made(stack: Stack, operator: Operator, seed: int) -> Codes:
    """Make the campaigns and their codes, as operators do."""
    for name, terms in _CAMPAIGNS.items():
        request = {"request_id": f"{name}-{seed}", "name": name, **terms}
        await operator.ask("admin.promo.campaign.create", request)
    (days,) = await made_by_the_tool(stack, 1, _DAYS)
    (half,) = await made_by_the_tool(stack, 1, _HALF)
    return Codes(days, half, await made_by_the_tool(stack, _OWN_CODES, _OWN))


async def let_reservations_end(stack: Stack) -> int:
    """Move every reservation that is not being paid so far back that its time is over; returns how many there were."""
    connection = await asyncpg.connect(stack.postgres.dsn("starquiz"))
    try:
        over: int = await connection.fetchval(_TIME_IS_OVER)
        await connection.execute(_HELD_NO_LONGER)
    finally:
        await connection.close()
    return over
