"""Promo codes through the real processes, while promo and payments are killed again and again (DOMAIN §6, §7)."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from chaos.stampede import fire
from reaping import killing
from shopfloor import Floor, until

from contracts.envelope import first_envelope
from contracts.message import encode, subject_of
from contracts.payments import Product
from contracts.promo import Peppers, RedeemCode
from devstack.scripted_player import Message, ScriptedPlayer
from devstack.stack import DEPLOYER
from gateway.buttons import DiscountButton
from promo.domain.code_making import NewCode
from promo.handlers.discounts import expire_reservations
from promo.store import batches

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

_CROWD, _USES, _SLICE = 500, 50, 100
_FIRST_PLAYER = 6_000_000_000
_LONG_SECONDS = 120
"""Whoever is killed has to come back first, on a machine that does other things."""


async def test_500_players_at_once_for_50_uses_under_sigkill_are_exactly_50(floor: Floor, tmp_path: Path) -> None:
    prints = await _code(floor, tmp_path, "rush", type="PREMIUM_GRANT", premium_days=7, uses_max=_USES)
    players = range(_FIRST_PLAYER, _FIRST_PLAYER + _CROWD)
    async with killing(floor, "promo", "payments") as reaper:
        for start in range(0, _CROWD, _SLICE):
            await _type(floor, prints, players[start : start + _SLICE])
            await reaper.another()
        heard = "select count(*) >= $2 from promo.attempts where player_id >= $1"
        await until(lambda: _one(floor, heard, _FIRST_PLAYER, _CROWD), seconds=_LONG_SECONDS)
    assert await _books(floor, "rush") == (_USES, 0, 0)
    given = """select count(*) from payments.ledger_transactions
        where id in (select id from promo.redemptions where campaign = 'rush')"""
    await until(lambda: _one(floor, f"select ({given}) = $1", _USES), seconds=_LONG_SECONDS)
    tries = "select count(*), count(distinct player_id) from promo.attempts where player_id >= $1"
    assert await _row(floor, tries, _FIRST_PLAYER) == (_CROWD, _CROWD)


async def test_twenty_tries_of_one_player_at_once_are_one_use(floor: Floor, tmp_path: Path) -> None:
    prints = await _code(floor, tmp_path, "alone", type="PREMIUM_GRANT", premium_days=7)
    await _type(floor, prints, [_FIRST_PLAYER - 1] * 20)
    tries = "select count(*) = 20 from promo.attempts where player_id = $1"
    await until(lambda: _one(floor, tries, _FIRST_PLAYER - 1))
    assert await _books(floor, "alone") == (1, 0, 0)


async def test_discounts_bought_with_and_given_back_under_sigkill_are_counted_once(
    floor: Floor, tmp_path: Path
) -> None:
    """Eight players for three uses; one has their money back while the credit may still be on its way."""
    await _code(floor, tmp_path, "sale", type="PERCENT_DISCOUNT", percent=50, uses_max=3)
    crowd = await asyncio.gather(*(floor.come(f"Kim{number}") for number in range(8)))
    async with killing(floor, "promo", "payments"):
        told = await asyncio.gather(*(player.ask("/promo SALE2026") for player in crowd))
        lucky = [(player, one) for player, one in zip(crowd, told, strict=True) if _button(one) is not None]
        assert len(lucky) == 3
        await asyncio.gather(*(_buy(player, one) for player, one in lucky))
        await _give_back(floor, lucky[0][0])
    await _ended(floor, "sale")
    await floor.balanced()
    credited = "select count(*) from payments.purchases where player_id = any($1) and credited_at is not null"
    bought = await _one(floor, credited, [player.player_id for player, _ in lucky])
    assert await _books(floor, "sale") == (bought, 0, 0)
    assert bought in (2, 3)


async def test_an_expiring_reservation_and_a_paying_player_are_never_both(floor: Floor, tmp_path: Path) -> None:
    await _code(floor, tmp_path, "late", type="PERCENT_DISCOUNT", percent=50, uses_max=6)
    crowd = await asyncio.gather(*(floor.come(f"Ben{number}") for number in range(6)))
    told = await asyncio.gather(*(player.ask("/promo LATE2026") for player in crowd))
    invoices = await asyncio.gather(*(_order(player, one) for player, one in zip(crowd, told, strict=True)))
    # An invoice holds its reservation for 15 minutes from when promo hears of it: later than it is sent.
    bound = "select count(*) = 6 from promo.redemptions where campaign = 'late' and purchase_id is not null"
    await until(lambda: _one(floor, bound))
    await _age(floor, "late")
    outcomes = await asyncio.gather(
        *(player.pay(invoice) for player, invoice in zip(crowd, invoices, strict=True)), _ended(floor, "late")
    )
    await _ended(floor, "late")
    await floor.balanced()
    paid = sum(outcome["paid"] for outcome in outcomes if outcome is not None)
    assert await _books(floor, "late") == (paid, 0, 0)


# -- players ---------------------------------------------------------------------------------------


async def _type(floor: Floor, prints: tuple[str, ...], players: Sequence[int]) -> None:
    """Let players type a code, each a wish of their own, as the gateway hands it on."""
    gateway = await floor.stack.connect_as("gateway")
    try:
        words = [RedeemCode(player_id=player, fingerprints=prints) for player in players]
        await asyncio.gather(*(gateway.jetstream().publish(**_letter(word)) for word in words))
    finally:
        await gateway.close()


def _letter(word: RedeemCode) -> dict[str, Any]:
    envelope = first_envelope(word, identifier=uuid4().hex, time=datetime.now(UTC), source="gateway")
    return {"subject": subject_of(word), "payload": encode(word), "headers": envelope.headers()}


def _button(message: Message) -> str | None:
    """Return the button that buys energy with a discount."""
    wanted = f"{DiscountButton.__prefix__}:{Product.ENERGY_10}:"
    return next((data for data in message.data if data.startswith(wanted)), None)


async def _order(player: ScriptedPlayer, told: Message) -> Message:
    await player.post("tap", {"message_id": told.message_id, "data": _button(told)})
    return await player.wait("an invoice", lambda one: one.invoice is not None and not one.invoice.paid)


async def _buy(player: ScriptedPlayer, told: Message) -> None:
    """Buy, and try again while payments does not answer the pre-checkout."""
    invoice = await _order(player, told)

    async def paid() -> bool:
        return bool((await player.pay(invoice))["paid"])

    await until(paid, seconds=_LONG_SECONDS)


async def _give_back(floor: Floor, player: ScriptedPlayer) -> None:
    async def begun() -> bool:
        (purchase,) = await floor.purchases(player)
        request = {"player_id": player.player_id, "purchase_id": str(purchase["id"]), "note": "asked for it"}
        try:
            answer = await floor.operator.ask("admin.payments.refund.start", **request)
        except TimeoutError:
            return False
        return answer.get("started") is True

    await until(begun, seconds=_LONG_SECONDS)


# -- promo -----------------------------------------------------------------------------------------


async def _code(floor: Floor, folder: Path, campaign: str, **terms: Any) -> tuple[str, ...]:
    """Make a campaign with one code for all, `<CAMPAIGN>2026`; returns what it is stored under."""
    made = await floor.operator.ask("admin.promo.campaign.create", name=campaign, uses_per_code_max=None, **terms)
    assert made["done"], made
    peppers = Peppers.parse(floor.stack.vault.shared("promo_pepper"))
    code = f"{campaign.upper()}2026"
    connection = await asyncpg.connect(floor.stack.service_dsn("promo"))
    try:
        report = folder / "codes.csv"
        await batches.write(connection, campaign, [NewCode(code)], peppers, report, lambda _, __: None)
    finally:
        await connection.close()
    return peppers.fingerprints(code)


async def _books(floor: Floor, campaign: str) -> tuple[int, int, int]:
    """Return used, reserved and overrun; they are what the redemptions come to."""
    sql = "select used, reserved, overrun from promo.campaigns where name = $1"
    used, reserved, overrun = await _row(floor, sql, campaign)
    counted = """select count(*) filter (where state in ('APPLIED', 'APPLIED_LATE', 'REVOKED')),
        count(*) filter (where state = 'RESERVED') from promo.redemptions where campaign = $1"""
    assert await _row(floor, counted, campaign) == (used, reserved)
    return used, reserved, overrun


async def _age(floor: Floor, campaign: str) -> None:
    """Let the reservations of a campaign run out in a moment, at promo and at payments."""
    mine = "(select id from promo.redemptions where campaign = $1)"
    soon = "now() + interval '200 milliseconds'"
    for table, key in (("payments.discounts", "redemption_id"), ("promo.redemptions", "id")):
        await floor.database.execute(f"update {table} set reserved_until = {soon} where {key} in {mine}", campaign)


async def _ended(floor: Floor, campaign: str) -> None:
    """Have the job look every now and then until nothing is reserved: its own minute is longer than a test waits."""
    deployer = await floor.stack.connect_as(DEPLOYER)
    open_ = "select not exists (select from promo.redemptions where campaign = $1 and state = 'RESERVED')"

    async def ended() -> bool:
        await fire(deployer, "promo", expire_reservations, datetime.now(UTC))
        return await _one(floor, open_, campaign)

    try:
        await until(ended, seconds=_LONG_SECONDS)
    finally:
        await deployer.close()


async def _row(floor: Floor, sql: str, *arguments: Any) -> tuple[Any, ...]:
    (row,) = await floor.database.fetch(sql, *arguments)
    return tuple(row)


async def _one(floor: Floor, sql: str, *arguments: Any) -> Any:
    return await floor.database.fetchval(sql, *arguments)
