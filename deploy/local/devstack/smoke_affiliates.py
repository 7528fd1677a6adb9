"""The partners' part of `make smoke`: one applies, earns, is paid both ways; refunds before and after."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import asyncpg

from contracts.payments import Product, ShopView
from contracts.referrals import AffiliatePage, PayoutKind
from devstack.console import Console
from devstack.hurry import hurry
from devstack.operator_client import OperatorClient, approved
from devstack.scripted_player import ScriptedPlayer, SmokeError, expect
from devstack.stack import Stack
from gateway.buttons import AffiliateButton, ApplyButton, PayoutButton, ShopButton

_PAGE = AffiliateButton(page=AffiliatePage.PAGE).pack()
_CHART = AffiliateButton(page=AffiliatePage.CHART).pack()
_PAYOUTS = AffiliateButton(page=AffiliatePage.PAYOUT).pack()
_GIFT = PayoutButton(kind=PayoutKind.PREMIUM_GIFT, months=3).pack()
_EXTERNAL = PayoutButton(kind=PayoutKind.EXTERNAL, months=0).pack()
_PLANS = ShopButton(view=ShopView.PREMIUM).pack()
_UPWARDS = (Product.PREMIUM_STARTER, Product.PREMIUM_MONTH, Product.PREMIUM_SEASON, Product.PREMIUM_YEAR)
_ALL_OF_THEM = 29 + 99 + 249 + 499
_ALL = 1_000
"""Per mille: what was bought is earned whole, or it took a hundred purchases to be paid once."""
_LOOKS_MAX, _LOOK_SECONDS = 200, 0.1


async def partnering(session: aiohttp.ClientSession, stack: Stack, operator: OperatorClient, console: Console) -> None:
    """Have a player become a partner, bring four who buy, and be paid."""
    await hurry(stack, "commissions", "payouts_under_way")
    mona = await ScriptedPlayer.come(session, "Mona", "de")
    await mona.ask("/start")
    code = await _become_partner(mona, operator, console)
    buyers = [await ScriptedPlayer.come(session, name, "de") for name in ("Nils", "Olga", "Paul", "Rita")]
    with console.step("two come by Mona's link and buy"):
        await asyncio.gather(*(_come_and_buy(buyer, code) for buyer in buyers[:2]))
        await _see(operator, mona, "two buyers' Stars", lambda has: has["pending"] == 2 * _ALL_OF_THEM)
    with console.step("a refund before: it is taken back"):
        await operator.refund(buyers[0], Product.PREMIUM_YEAR)
        await _see(operator, mona, "a year less", lambda has: has["pending"] == 2 * _ALL_OF_THEM - 499)
    await _be_paid(mona, buyers, code, stack, operator, console)


async def _become_partner(mona: ScriptedPlayer, operator: OperatorClient, console: Console) -> str:
    with console.step("Mona applies, ops approve"):
        page = await mona.ask("/affiliate")
        _, told = await mona.tap(page, ApplyButton().pack())
        expect("Bewerbung" in told.text, "a word on her application", told.text)
        expect("/payout" not in (await mona.ask("/help")).text, "no command of partners", "/payout")
        await _decide(operator, "approve", mona)
        await mona.wait("word of the decision", lambda one: "jetzt Partner" in one.text)
        expect("/payout" in (await mona.ask("/help")).text, "a command of partners", "none")
        rate = {"first_per_mille": _ALL, "later_per_mille": _ALL}
        await _decide(operator, "rate", mona, **rate)
    with console.step("her page has a link, and a picture"):
        page = await mona.ask("/affiliate")
        expect("start=ref_" in page.text and "100 %" in page.text, "link and rates", page.text)
        await mona.post("tap", {"message_id": page.message_id, "data": _CHART})
        await mona.wait("the picture", lambda one: "12 Wochen" in one.text)
    return page.text.partition("start=ref_")[2][:6]


async def _come_and_buy(buyer: ScriptedPlayer, code: str) -> None:
    welcome = await buyer.ask(f"/start ref_{code}")
    _, plans = await buyer.tap(welcome, _PLANS, force=True)
    for product in _UPWARDS:
        await buyer.buy(plans, product)


async def _be_paid(
    mona: ScriptedPlayer,
    buyers: list[ScriptedPlayer],
    code: str,
    stack: Stack,
    operator: OperatorClient,
    console: Console,
) -> None:
    payable = 2 * _ALL_OF_THEM - 499
    with console.step("30 days later it is payable"):
        await _let_days_pass(stack, mona)
        await _see(operator, mona, "payable Stars", lambda has: has["payable"] == payable)
    with console.step("paid as Telegram Premium, once"):
        await _ask_payout(mona, _GIFT)
        await _approve(stack, operator, mona)
        await mona.wait("word of the payment", lambda one: "Ausgezahlt!" in one.text)
        await _see(operator, mona, "the rest", lambda has: (has["payable"], has["paid"]) == (payable - 1000, 1000))
        gifts = await _gifts(stack, mona)
        expect(gifts == [3], "one gift of 3 months at Telegram", str(gifts))
    with console.step("a refund after: the next deducts it"):
        await operator.refund(buyers[1], Product.PREMIUM_YEAR)
        await _see(operator, mona, "less than nothing", lambda has: has["payable"] == payable - 1000 - 499)
        await asyncio.gather(*(_come_and_buy(buyer, code) for buyer in buyers[2:]))
        await _see(operator, mona, "their Stars", lambda has: has["pending"] == 2 * _ALL_OF_THEM)
        await _let_days_pass(stack, mona)
        rest = payable - 1000 - 499 + 2 * _ALL_OF_THEM
        await _see(operator, mona, "the sum", lambda has: has["payable"] == rest)
    with console.step("paid outside, by ops' reference"):
        await _ask_payout(mona, _EXTERNAL)
        payout = await _approve(stack, operator, mona)
        settled = {"payout_id": payout, "reference": "smoke 1", "note": "paid by transfer"}
        answer = await operator.ask("admin.referrals.payout.settle", **settled)
        expect(answer.get("done") is True, "the payout to be settled", str(answer))
        await _see(operator, mona, "all of it paid", lambda has: (has["payable"], has["paid"]) == (0, 1000 + rest))


async def _ask_payout(mona: ScriptedPlayer, wanted: str) -> None:
    page = await mona.ask("/affiliate")
    _, choice = await mona.tap(page, _PAYOUTS)
    expect(wanted in choice.data, "a choice of payouts", str(choice.data))
    toast, _ = await mona.tap(choice, wanted)
    expect("Angefragt" in toast, "a word on it", toast)


async def _approve(stack: Stack, operator: OperatorClient, mona: ScriptedPlayer) -> str:
    listed = (await operator.ask("admin.referrals.payout.list"))["payouts"]
    (payout,) = [one["payout_id"] for one in listed if one["player_id"] == mona.player_id]
    words = {"payout_id": payout, "note": "looks well", "expected": "REQUESTED"}
    held = await operator.ask("admin.referrals.payout.approve", **words)
    expect(held.get("waits_for_approval") is True, "a payout that waits for a second operator", str(held))
    answer = await approved(stack, "referrals", held)
    expect(answer.get("done") is True, "the payout to be approved", str(answer))
    return str(payout)


async def _decide(operator: OperatorClient, verb: str, player: ScriptedPlayer, **more: Any) -> None:
    words = {"player_id": player.player_id, "note": "a school", **more}
    answer = await operator.ask(f"admin.referrals.affiliate.{verb}", **words)
    expect(answer.get("done") is True, f"{verb} to be done", str(answer))


async def _see(
    operator: OperatorClient, player: ScriptedPlayer, what: str, fits: Callable[[dict[str, Any]], bool]
) -> None:
    """Wait until what a partner has fits."""
    has: dict[str, Any] = {}
    for _ in range(_LOOKS_MAX):
        listed = (await operator.ask("admin.referrals.affiliate.list"))["partners"]
        found = [one for one in listed if one["player_id"] == player.player_id]
        has = found[0] if found else {}
        if has and fits(has):
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise SmokeError(f"awaited {what}; {player.name} has {has}")


async def _gifts(stack: Stack, player: ScriptedPlayer) -> list[int]:
    """Return how many months the player was given at Telegram, each time."""
    async with aiohttp.ClientSession(stack.address) as session, session.get("/sandbox/api/stars/gifts") as answer:
        return [one["months"] for one in await answer.json() if one["player_id"] == player.player_id]


async def _let_days_pass(stack: Stack, partner: ScriptedPlayer) -> None:
    """Move a partner's sales 30 days back: nobody here waits for a month."""
    connection = await asyncpg.connect(stack.postgres.dsn("starquiz"))
    try:
        await connection.execute(
            "update referrals.sales set credited_at = credited_at - interval '30 days' "
            "where partner_id = $1 and state = 'PENDING'",
            partner.player_id,
        )
    finally:
        await connection.close()
