"""The promo codes' part of `make smoke`: codes made by the batch tool, redeemed, bought with, refunded, refused."""

import asyncio
from typing import Any

import aiohttp

from contracts.payments import Product
from devstack.console import Console
from devstack.leaks import everywhere, found_in
from devstack.operator_client import OperatorClient
from devstack.promo_codes import SECRET
from devstack.scripted_player import Message, ScriptedPlayer, SmokeError, expect
from devstack.smoke_refusals import headline, made_codes, refusals
from devstack.stack import Stack
from gateway.buttons import DiscountButton

_CAMPAIGN, _SALE = "smoke", "smoke-sale"
_FAILURES_MAX = 5
_PLACES_MIN = 80
"""Tables, streams, logs and processes: with fewer something was not looked at."""
_LOOKS_MAX, _LOOK_SECONDS = 150, 0.1


async def redeeming(session: aiohttp.ClientSession, stack: Stack, operator: OperatorClient, console: Console) -> None:
    """Have an operator make codes, and two players redeem them."""
    with console.step("ops make two campaigns, 3 codes"):
        grant = {"type": "PREMIUM_GRANT", "premium_days": 7, "uses_max": 2}
        first, second = await made_codes(stack, operator, 2, _CAMPAIGN, **grant)
        (discount,) = await made_codes(stack, operator, 1, _SALE, type="PERCENT_DISCOUNT", percent=50, uses_max=1)
    codes = [first, second, discount]
    names = (("Gerda", "de"), ("Hugo", "en"), ("Ina", "de"))
    gerda, hugo, ina = await asyncio.gather(*(ScriptedPlayer.come(session, *who) for who in names))
    await asyncio.gather(*(player.ask("/start") for player in (gerda, hugo, ina)))
    await asyncio.gather(
        _grant(gerda, first, second, operator, console),
        _refusals(hugo, first, console),
        _discount(ina, discount, operator, console),
    )
    codes += await refusals(session, stack, operator, console, bought=ina)
    with console.step("no code and no pepper is anywhere"):
        peppers = stack.vault.shared(SECRET).split(",")
        places = await everywhere(stack)
        expect(len(places) > _PLACES_MIN, "many places", str(len(places)))
        found = found_in(places, [*codes, *peppers])
        expect(not found, "no code anywhere", f"one in {', '.join(found)}")


async def _grant(gerda: ScriptedPlayer, first: str, second: str, operator: OperatorClient, console: Console) -> None:
    with console.step("Gerda's code gives her 7 days"):
        told = await gerda.ask(f"/promo {first.lower()}")
        expect("7 Tage Premium" in told.text, "7 days of premium", told.text)
        await operator.see(gerda, "premium", lambda has: has.endless)
    with console.step("Gerda: one code of it is enough"):
        again = await gerda.ask(f"/start promo_{second}")
        expect(headline("de", "promo-refused-already_used") in again.text, "a refusal", again.text)


async def _discount(ina: ScriptedPlayer, code: str, operator: OperatorClient, console: Console) -> None:
    with console.step("Ina's code: mega pack for half"):
        told = await ina.ask(f"/promo {code}")
        expect("⭐ 15" in told.text and "⭐ 8" in told.text, "old and new price", told.text)
        _, invoice = await ina.tap(told, _button_of(told, Product.MEGA_PACK_15))
        expect(
            invoice.invoice is not None and invoice.invoice.amount == 8, "an invoice of 8 Stars", str(invoice.invoice)
        )
        receipt = await ina.settle(invoice)
        expect("⭐ 8" in receipt.text, "a receipt of 8 Stars", receipt.text)
        await _see_uses(operator, used=1)
    with console.step("Ina refunded: the code stays used"):
        answer = await operator.refund(ina, Product.MEGA_PACK_15)
        expect(answer.get("started") is True, "a refund to begin", str(answer))
        await ina.wait("word of the refund", lambda one: "↩️" in one.text and "⭐ 8" in one.text)
        again = await ina.ask(f"/promo {code}")
        expect(headline("de", "promo-refused-already_used") in again.text, "a refusal", again.text)
        await _see_uses(operator, used=1)


def _button_of(message: Message, product: Product) -> str:
    found = [data for data in message.data if data.startswith(f"{DiscountButton.__prefix__}:{product}:")]
    expect(bool(found), f"a button for {product}", str(message.data))
    return found[0]


async def _see_uses(operator: OperatorClient, *, used: int) -> None:
    """Wait until promo has heard of the purchase."""
    shown: dict[str, Any] = {}
    for _ in range(_LOOKS_MAX):
        shown = (await operator.ask("admin.promo.campaign.show", name=_SALE))["campaign"]
        if (shown["used"], shown["reserved"], shown["overrun"]) == (used, 0, 0):
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise SmokeError(f"awaited {used} use; there is {shown}")


async def _refusals(hugo: ScriptedPlayer, used: str, console: Console) -> None:
    with console.step("Hugo guesses: a break after five"):
        told = [await hugo.ask(f"/promo GUESS{number}") for number in range(_FAILURES_MAX)]
        expect("4 tries left" in told[0].text and "last try" in told[-1].text, "a count", told[-1].text)
        blocked = await hugo.ask(f"/promo {used}")
        expect(headline("en", "promo-refused-rate_limited") in blocked.text, "a break", blocked.text)
