"""Each refusal of a promo code as a player hears it, asked for by the button; and how the smoke run makes codes."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from devstack.console import Console
from devstack.operator_client import OperatorClient
from devstack.promo_codes import made_at_once, made_by_the_tool
from devstack.scripted_player import ScriptedPlayer, expect
from devstack.stack import Stack
from gateway.buttons import CodeButton
from gateway.texts import load_texts

_GRANT: dict[str, Any] = {"type": "PREMIUM_GRANT", "premium_days": 7}
_ASK = CodeButton().pack()
_HOUR = timedelta(hours=1)
_THEN = "§"
"""Stands for a time in a text."""


async def refusals(
    session: aiohttp.ClientSession,
    stack: Stack,
    operator: OperatorClient,
    console: Console,
    *,
    bought: ScriptedPlayer,
) -> list[str]:
    """Have players hear why codes are not taken; `bought` has bought something before. Returns the codes."""
    names = ("not_yet", "expired", "paused", "depleted", "budget_spent", "not_applicable")
    with console.step("ops make six codes for nobody"):
        terms: dict[str, dict[str, Any]] = {
            "not_yet": {"valid_from": (datetime.now(UTC) + _HOUR).isoformat()},
            "depleted": {"uses_max": 1, "uses_per_code_max": None},
            "budget_spent": {"budget": 1, "uses_per_code_max": None},
            "not_applicable": {"first_purchase_only": True},
        }
        made = await asyncio.gather(*(_closed(stack, operator, name, terms.get(name, {})) for name in names))
    codes = dict(zip(names, made, strict=True))
    kira, jan = await asyncio.gather(*(ScriptedPlayer.come(session, *who) for who in (("Kira", "en"), ("Jan", "de"))))
    await asyncio.gather(kira.ask("/start"), jan.ask("/start"))
    with console.step("Kira is first at two of them"):
        for told in await _asked(kira, [codes["depleted"], codes["budget_spent"]]):
            expect("7 days of Premium" in told, "7 days of premium", told)
    with console.step("Jan and Ina hear why not"):
        heard = await _asked(jan, [codes[name] for name in names[:-1]])
        heard += await _asked(bought, [codes["not_applicable"]])
        for name, told in zip(names, heard, strict=True):
            line = headline("de", f"promo-refused-{name}")
            expect(line in told, line, told)
    with console.step("Jan cancels: words are no code"):
        _, question = await jan.tap(await jan.ask("/shop"), _ASK)
        await jan.tap(question, question.data[0])
        told = (await jan.ask(codes["paused"])).text
        expect(headline("de", "promo-refused-paused") not in told, "no look at a code", told)
    return list(made)


async def _asked(player: ScriptedPlayer, codes: Sequence[str]) -> list[str]:
    """Have a player tap the shop's button before each code, and send it as plain words; returns what they are told."""
    message, told = await player.ask("/shop"), list[str]()
    for code in codes:
        _, question = await player.tap(message, _ASK, force=True)
        expect(len(question.data) == 1, "a question with one way out", str(question.data))
        message = await player.ask(f" {code[:4].lower()}-{code[4:]}")
        told.append(message.text)
    return told


async def _closed(stack: Stack, operator: OperatorClient, name: str, terms: dict[str, Any]) -> str:
    """Make a campaign with a code, and close it where its terms do not."""
    campaign = f"smoke-{name}"
    await _campaign(operator, campaign, _GRANT | terms)
    code, batch_id = await made_at_once(stack, campaign)
    done: dict[str, Any] = {"done": True}
    if name == "paused":
        done = await operator.ask("admin.promo.campaign.status", name=campaign, status="PAUSED", expected="ACTIVE")
    elif name == "expired":
        done = await operator.ask("admin.promo.batch.revoke", batch_id=str(batch_id), note="printed with a typo")
    expect(done.get("done") is True, f"a code that is {name}", str(done))
    return code


def headline(language: str, key: str) -> str:
    """Return a text's first line as it reads without its markup, as far as it says no time."""
    text = load_texts().voice(language).html(key, until=_THEN).partition("\n")[0]
    return text.replace("<b>", "").replace("</b>", "").partition(_THEN)[0].strip("\u2068\u2069 ")


async def made_codes(stack: Stack, operator: OperatorClient, count: int, campaign: str, **terms: Any) -> list[str]:
    """Make a campaign, and its codes by the batch tool; return them."""
    await _campaign(operator, campaign, terms)
    return await made_by_the_tool(stack, count, campaign)


async def _campaign(operator: OperatorClient, name: str, terms: dict[str, Any]) -> None:
    made = await operator.ask("admin.promo.campaign.create", name=name, **terms)
    expect(made.get("done") is True, "a campaign", str(made))
