"""When an operator's wish about money waits for a second operator (DOMAIN §13): asked at the endpoint, before its turn.

What is looked at cannot change for a purchase or a charge. A price can, between the question and the turn: then two
operators changed it at once, each by no more than a half of what they saw.
"""

from typing import Final

from actors.endpoints import Endpoint, FourEyes
from contracts.payments import RefundOrphan, RefundPurchase, SetPrice
from payments.domain.four_eyes import why_price_waits, why_refund_waits
from payments.store.four_eyes import charge_amount, price_now, purchase_amount


async def _refund(command: RefundPurchase, endpoint: Endpoint) -> str:
    async with endpoint.connection() as connection:
        found = await purchase_amount(connection, command.purchase_id)
    return "" if found is None else why_refund_waits(*found)


async def _orphan(command: RefundOrphan, endpoint: Endpoint) -> str:
    async with endpoint.connection() as connection:
        found = await charge_amount(connection, command.charge_id)
    return "" if found is None else why_refund_waits(*found)


async def _price(command: SetPrice, endpoint: Endpoint) -> str:
    async with endpoint.connection() as connection:
        before = await price_now(connection, command.product, command.currency)
    return why_price_waits(before, command.amount)


_LARGE: Final = "a refund over 500 Stars, or over 1,000 minor units of another currency"
REFUND: Final = FourEyes(rule=_LARGE, needed=_refund)
ORPHAN: Final = FourEyes(rule=_LARGE, needed=_orphan)
PRICE: Final = FourEyes(rule="a change over 50 %", needed=_price)
