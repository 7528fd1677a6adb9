"""A played scenario through every process leaves no clear code and no pepper anywhere (DOMAIN §7, decision 34)."""

from typing import Any

import aiohttp
import asyncpg
import pytest

from contracts.payments import Product
from devstack.leaks import everywhere, found_in
from devstack.operator_client import operator_client
from devstack.promo_codes import SECRET
from devstack.scripted_player import Message, ScriptedPlayer
from devstack.smoke_refusals import made_codes
from devstack.stack import Stack
from gateway.buttons import CodeButton, DiscountButton

pytestmark = pytest.mark.asyncio(loop_scope="session")

_ASK = CodeButton().pack()
_PLANTED = "update gateway.updates set error = $1 where update_id = (select min(update_id) from gateway.updates)"


async def _asked(player: ScriptedPlayer, words: str) -> Message:
    """Tap the button that asks for a code, and answer."""
    _, question = await player.tap(await player.ask("/shop"), _ASK)
    assert len(question.data) == 1
    return await player.ask(words)


async def _group(session: aiohttp.ClientSession, player: ScriptedPlayer, text: str) -> None:
    async def post(path: str, **body: Any) -> Any:
        async with session.post(f"/sandbox/api/{path}", json=body, raise_for_status=True) as answer:
            return await answer.json()

    room = (await post("rooms", title="Kurs", type="group"))["id"]
    await post(f"rooms/{room}/send", text=text, player_id=player.player_id)


@pytest.mark.timeout(180)
async def test_no_code_and_no_pepper_is_anywhere_but_in_the_report(stack: Stack) -> None:
    async with aiohttp.ClientSession(stack.address) as session, operator_client(stack) as operator:
        grants = await made_codes(stack, operator, 5, "leaks", type="PREMIUM_GRANT", premium_days=7)
        terms = {"type": "PERCENT_DISCOUNT", "percent": 50}
        (discount,) = await made_codes(stack, operator, 1, "leaks-sale", **terms)
        kim, lea, mia = [await ScriptedPlayer.come(session, name, "en") for name in ("Kim", "Lea", "Mia")]
        for player in (kim, lea, mia):
            await player.ask("/start")
        assert "7 days" in (await kim.ask(f"/promo {grants[0].lower()}")).text
        assert "already used" in (await kim.ask(f"/start promo_{grants[1]}")).text
        assert "7 days" in (await _asked(lea, f"{grants[2][:4]}-{grants[2][4:]}")).text
        for words in (grants[3], f"/promo{grants[3]}", f"/{grants[3]} please"):  # no question, no command
            await lea.ask(words)
        await _group(session, lea, f"/promo {grants[4]}")
        told = await _asked(mia, discount)
        (tag,) = [one for one in told.data if one.startswith(f"{DiscountButton.__prefix__}:{Product.ENERGY_10}:")]
        _, invoice = await mia.tap(told, tag)
        await mia.settle(invoice)
        secrets = [*grants, discount, *stack.vault.shared(SECRET).split(",")]
        assert found_in(await everywhere(stack), secrets) == []
        await _see_a_leak(stack, grants[0])


async def _see_a_leak(stack: Stack, code: str) -> None:
    """The very same search finds a code that was put somewhere on purpose."""
    connection = await asyncpg.connect(stack.postgres.dsn("starquiz"))
    try:
        await connection.execute(_PLANTED, f"ValueError: {code}")
        assert found_in(await everywhere(stack), [code]) == ["table gateway.updates"]
    finally:
        await connection.execute(_PLANTED, "")
        await connection.close()
