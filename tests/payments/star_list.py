"""Rows of Telegram's list as Telegram says them, and what the books make of them."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

import msgspec
from till import DUES, World, reconciled

from payments.domain.purchase import Purchase
from payments.domain.stars import NANOS
from payments.providers.star_rows import transaction
from payments.store.ledger import find_differing, find_unbalanced, read_house

HALF = NANOS // 2

OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("AFFILIATE", {"type": "affiliate_program", "commission_per_mille": 50, "sponsor_user": {"id": 9, "is_bot": True}}),
    ("GIFT", {"type": "user", "transaction_type": "gift_purchase", "user": {"id": 7}, "gift": {"id": "g", "new": 1}}),
    ("PREMIUM_GIFT", {"type": "user", "transaction_type": "premium_purchase", "user": {"id": 7}}),
    ("PAID_MEDIA", {"type": "user", "transaction_type": "paid_media_payment", "user": {"id": 7}, "paid_media": []}),
    ("BUSINESS_TRANSFER", {"type": "user", "transaction_type": "business_account_transfer", "user": {"id": 7}}),
    ("FRAGMENT", {"type": "fragment", "withdrawal_state": {"type": "pending"}}),
    ("ADS", {"type": "telegram_ads"}),
    ("BROADCAST", {"type": "telegram_api", "request_count": 31}),
    ("CHAT", {"type": "chat", "chat": {"id": -100, "type": "channel"}, "gift": {"id": "g"}}),
    ("OTHER", {"type": "other"}),
]


def said(**row: Any) -> Any:
    """A row of getStarTransactions as Telegram says it, read as it is read."""
    return transaction(msgspec.Raw(json.dumps(row).encode()))


def stars(nanos: int) -> dict[str, int]:
    """A StarAmount; its parts have one sign, and no fraction is not told."""
    whole, rest = divmod(abs(nanos), NANOS)
    sign = -1 if nanos < 0 else 1
    return {"amount": sign * whole} | ({"nanostar_amount": sign * rest} if rest else {})


def sold(
    purchase: Purchase, charge_id: str, at: datetime, *, commission: int, gross: bool, back: bool = False, **more: Any
) -> Any:
    """The row of a sale that an affiliate brought, or of its refund: with the commission in its amount or without."""
    partner = {
        "type": "user",
        "transaction_type": "invoice_payment",
        "user": {"id": purchase.player_id, "is_bot": False, "first_name": "x"},
        "invoice_payload": purchase.payload,
        "affiliate": {"commission_per_mille": 50, **stars(-commission if back else commission)},
    }
    amount = purchase.amount * NANOS - (0 if gross else commission)
    given = {"id": charge_id, "date": int(at.timestamp()), "receiver" if back else "source": partner}
    return said(**(given | stars(amount) | more))


def list_of(world: World, *rows: Any, gross: bool | None = None) -> None:
    """Rows at the end of the list; whether its amounts have commissions in them."""
    world.stars.rows += rows
    world.stars.is_gross = world.stars.is_gross if gross is None else gross


async def house(world: World) -> dict[str, int]:
    """What the accounts of Stars have, and clearing in billionths."""
    async with world.pool.acquire() as connection:
        return {
            one.account.removeprefix("house:"): one.balance
            for one in await read_house(connection)
            if one.asset == "XTR_NANO" and one.balance
        }


async def held(world: World) -> Fraction:
    """What the ledger says that Telegram holds for us, in Stars."""
    async with world.pool.acquire() as connection:
        found = {
            one.asset: one.balance
            for one in await read_house(connection)
            if one.account == "house:PROVIDER_CLEARING:TELEGRAM"
        }
    return found.get("XTR", 0) + Fraction(found.get("XTR_NANO", 0), NANOS)


async def blocked(world: World) -> None:
    """Return when somebody waits for a lock."""
    asked = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    asked += " and usename = current_user"
    async with asyncio.timeout(10):
        while not await world.value(asked):  # noqa: ASYNC110 - Postgres tells nobody
            await asyncio.sleep(0.01)


async def in_order(world: World, dues: Sequence[Any] = DUES) -> None:
    """All books agree, twice, and the ledger holds what Telegram holds."""
    for due in (*dues, *dues):
        world.wait(minutes=15)
        run = await reconciled(world, due)
        assert [diff.line for diff in run.diffs] == []
    assert await held(world) == await world.stars.star_balance()
    async with world.pool.acquire() as connection:
        assert (await find_unbalanced(connection), await find_differing(connection)) == ([], [])
