"""The books on the sandbox's Telegram, over HTTP: what it sells, pays and gives away comes out even (DOMAIN §6)."""

from collections.abc import AsyncIterator
from fractions import Fraction
from typing import Any

import aiohttp
import asyncpg
import pytest
from star_list import held, house
from till import DUES, World, reconciled

from actors.clock import SystemClock
from contracts.payments import AffiliateCommissionTaken, Product
from contracts.payments import PurchaseState as S
from payments.domain.reconciliation import DiffKind
from payments.domain.stars import NANOS
from payments.providers.registry import PaymentProviders
from payments.providers.telegram_stars import StarsProvider
from sandbox.app import Server, assemble
from sandbox.settings import Settings

pytestmark = pytest.mark.services("payments")

ANNA = 5_000_000_001
TOKEN = "1:sandbox"


class Telegram:
    """The sandbox, as a script and as the bot talk to it."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self._session = session
        self._base = base
        self.stars = StarsProvider(TOKEN, session, base, timeout_seconds=5)

    async def post(self, path: str, **body: Any) -> Any:
        async with self._session.post(f"{self._base}/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def pay(self, payload: str, amount: int) -> str:
        """Anna pays, and nobody tells the bot → the charge id."""
        invoice = {"chat_id": ANNA, "title": "Energie", "description": "Energie", "payload": payload, "currency": "XTR"}
        more = {"prices": [{"label": "Energie", "amount": amount}], "start_parameter": "x"}
        sent = await self.post(f"bot{TOKEN}/sendInvoice", **invoice, **more)
        message_id = sent["result"]["message_id"]
        return (await self.post(f"sandbox/api/players/{ANNA}/pay", message_id=message_id))["charge_id"]


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    server = Server(assemble(Settings(start_players=1)))
    await server.start()
    async with aiohttp.ClientSession() as session:
        made = Telegram(session, f"http://127.0.0.1:{server.port}")
        await made.post("sandbox/api/faults", faults=[{"on": "payment", "do": "unasked"}], clear=True)
        await made.post(f"sandbox/api/players/{ANNA}/send", text="/start")
        yield made
    await server.stop()


@pytest.mark.parametrize("gross", [False, True])
async def test_a_day_at_telegram_comes_out_even(
    pool: "asyncpg.Pool[asyncpg.Record]", telegram: Telegram, gross: bool
) -> None:
    world = World(pool)
    world.clock.set(SystemClock().now())
    world.providers = PaymentProviders(telegram.stars)
    await telegram.post("sandbox/api/stars/programme", per_mille=50, gross=gross)
    products = (Product.ENERGY_10, Product.MEGA_PACK_15)
    sold = [await world.invoice(number, player_id=ANNA, product=one) for number, one in enumerate(products, start=1)]
    charges = [await telegram.pay(one.payload, one.amount) for one in sold]
    fee = {"type": "telegram_api", "request_count": 31}
    await telegram.post("sandbox/api/stars/rows", way="out", partner=fee, amount=3, nanostar_amount=100_000_000)
    await telegram.post("sandbox/api/stars/rows", way="in", partner={"type": "star_lottery"}, amount=2)
    withdrawal = {"type": "fragment", "withdrawal_state": {"type": "pending"}}
    made = await telegram.post("sandbox/api/stars/rows", way="out", partner=withdrawal, amount=4)
    world.wait(minutes=5)
    for due in DUES:
        assert (await reconciled(world, due)).diffs == ()
    assert await house(world) | {"PROVIDER_CLEARING:TELEGRAM": 0} == {
        "STARS:COMMISSION": NANOS * 5 // 4,
        "STARS:BROADCAST": 3 * NANOS + 100_000_000,
        "STARS:UNKNOWN": -2 * NANOS,
        "STARS:FRAGMENT": 4 * NANOS,
        "PROVIDER_CLEARING:TELEGRAM": 0,
    }
    await telegram.stars.refund_star_payment(ANNA, charges[0])
    await telegram.post(f"sandbox/api/stars/rows/{made['id']}/fail")
    world.wait(minutes=65)
    for due in DUES:
        assert [diff.kind for diff in (await reconciled(world, due)).diffs] == [DiffKind.UNEXPLAINED]
    assert [(await world.purchase(one.purchase_id)).state for one in sold] == [S.REFUNDED, S.CREDITED]
    assert {told.charge_id for told in world.told(AffiliateCommissionTaken)} == set(charges)
    assert await held(world) == await telegram.stars.star_balance() == Fraction("13.15")
