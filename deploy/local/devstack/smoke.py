"""`make smoke`: players play and buy through the real processes by script, and every step is told."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import aiohttp

from contracts.gameplay import Mode
from devstack.console import Console
from devstack.operator_client import OperatorClient, operator_client
from devstack.scripted_player import Message, ScriptedPlayer, SmokeError, expect, play_through, side_by_side
from devstack.smoke_affiliates import partnering
from devstack.smoke_offers import offering
from devstack.smoke_promo import redeeming
from devstack.smoke_referrals import referring
from devstack.smoke_shop import more_energy, shopping
from devstack.smoke_triggers import triggering
from devstack.stack import Options, Stack
from gateway.buttons import LanguageButton, PlayButton

FREE_ENERGY = 20
"""Rounds a fresh player can play before the energy is gone (DOMAIN §2)."""
DAILY_QUESTIONS = 7
_QUICK_MIX = PlayButton(mode=Mode.QUICK_MIX_A1A2).pack()
_DAILY = PlayButton(mode=Mode.DAILY_CHALLENGE).pack()


async def smoke(console: Console) -> None:
    """Start everything in a directory of its own, play, and stop. Raises SmokeError or what the start raises."""
    folder = Path(tempfile.mkdtemp(prefix="starquiz-smoke-"))
    console.title("Starquiz, played by script")
    try:
        async with Stack(Options(data_dir=folder, port=0), console) as stack, operator_client(stack) as operator:
            console.line()
            async with aiohttp.ClientSession(stack.address) as session:
                # Side by side: the bot writes to one chat no faster than Telegram allows, about once a second.
                await side_by_side(
                    _play(session, operator, console),
                    shopping(session, operator, console),
                    redeeming(session, stack, operator, console),
                    offering(session, operator, console),
                    triggering(session, stack, console),
                    referring(session, stack, operator, console),
                    partnering(session, stack, operator, console),
                )
    except SmokeError:
        console.line()
        console.line(f"Logs: {folder / 'logs'}")
        raise
    shutil.rmtree(folder, ignore_errors=True)
    console.line()
    console.line(console.emphasis("Everything a player would do works."))


async def _play(session: aiohttp.ClientSession, operator: OperatorClient, console: Console) -> None:
    with console.step("Anna and Ben say /start"):
        anna, ben = await asyncio.gather(
            ScriptedPlayer.come(session, "Anna", "de"), ScriptedPlayer.come(session, "Ben", "en")
        )
        german, english = await asyncio.gather(anna.ask("/start"), ben.ask("/start"))
        expect(german.text != english.text, "a German and an English welcome", german.text)
    await side_by_side(_anna(anna, german, operator, console), _ben(ben, english, console))
    with console.step("Ben finds Anna on the leaderboard"):
        page = await ben.ask("/top")
        expect("Anna" in page.text, "Anna's name", page.text)


async def _anna(anna: ScriptedPlayer, message: Message, operator: OperatorClient, console: Console) -> None:
    with console.step("Anna plays Quick Mix until empty"):
        answered = await play_through(anna, message, _QUICK_MIX, FREE_ENERGY)
        expect(answered == FREE_ENERGY, f"{FREE_ENERGY} rounds", f"{answered} rounds")
    with console.step("without energy no round"):
        _, refusal = await anna.tap(await anna.ask("/play"), _QUICK_MIX)
        expect(not refusal.options, "a refusal", refusal.text)
    await more_energy(anna, refusal, operator, console)
    with console.step("the daily challenge is free"):
        question = await anna.ask("/daily")
        expect(len(question.options) == 4, "a question", question.text)
    with console.step("Anna's streak and statistics"):
        streak, stats = await anna.ask("/streak"), await anna.ask("/stats")
        expect(str(FREE_ENERGY) in stats.text, f"{FREE_ENERGY} answers", stats.text)
        expect(streak.text != stats.text, "two pages", streak.text)


async def _ben(ben: ScriptedPlayer, message: Message, console: Console) -> None:
    with console.step("Ben plays the daily challenge"):
        answered = await play_through(ben, message, _DAILY, DAILY_QUESTIONS)
        expect(answered == DAILY_QUESTIONS, f"{DAILY_QUESTIONS} questions", f"{answered} questions")
    with console.step("Ben's settings and help"):
        pages = {(await ben.ask(command)).text for command in ("/settings", "/help")}
        expect(len(pages) == 2, "two pages", str(pages))
    with console.step("Ben switches to German and back"):
        english = await ben.ask("/streak")
        await ben.tap(await ben.ask("/language"), LanguageButton(language="de").pack())
        german = await ben.ask("/streak")
        expect(german.text != english.text, "another language", german.text)
        await ben.tap(await ben.ask("/language"), LanguageButton(language="en").pack())
