"""The offers' part of `make smoke`: made where players are, bought from, capped, dismissed, muted, withheld."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import aiohttp

from contracts.gameplay import Mode
from contracts.payments import Product
from devstack.console import Console
from devstack.operator_client import OperatorClient
from devstack.scripted_player import Message, ScriptedPlayer, SmokeError, expect, play_through
from gateway.buttons import OfferAwayButton, PlayButton
from gateway.texts import load_texts
from promo.domain.impression import is_held_out

_QUICK_MIX = PlayButton(mode=Mode.QUICK_MIX_A1A2).pack()
_LOCKED = PlayButton(mode=Mode.WORD_ORDER).pack()
_FREE_ENERGY = 20
_LOOKS_MAX, _LOOK_SECONDS = 150, 0.1


async def offering(session: aiohttp.ClientSession, operator: OperatorClient, console: Console) -> None:
    """Have three players meet offers; what became of them is on the dashboard."""
    jonas, katja, lena = await asyncio.gather(
        come_to_see(session, "Jonas", "de"),
        come_to_see(session, "Katja", "en"),
        come_to_see(session, "Lena", "de", is_withheld=True),
    )
    await asyncio.gather(_empty(jonas, operator, console), _locked(katja, console), _withheld(lena, console))
    with console.step("the dashboard has what became of it"):
        await _see_figures(operator)


async def come_to_see(
    session: aiohttp.ClientSession, name: str, language: str, *, is_withheld: bool = False
) -> ScriptedPlayer:
    """Make players until one is in the holdout, or is not, and so sees offers: 5 % are."""
    while True:
        player = await ScriptedPlayer.come(session, name, language)
        if is_held_out(player.player_id, datetime.now(UTC)) == is_withheld:
            return player


async def _empty(jonas: ScriptedPlayer, operator: OperatorClient, console: Console) -> None:
    with console.step("Jonas plays until empty: an offer"):
        await play_through(jonas, await jonas.ask("/start"), _QUICK_MIX, _FREE_ENERGY)
        offer = await jonas.see_offer()
        expect(says(offer, "de", "offer-ENERGY_ZERO"), "the offer for no energy", offer.text)
    with console.step("Jonas again: capped, no second one"):
        await jonas.tap(await jonas.ask("/play"), _QUICK_MIX)
        await _sees_no_other(jonas, offer)
    with console.step("Jonas buys from it: a conversion"):
        receipt = await jonas.buy(offer, Product.ENERGY_10)
        expect(receipt.modes_to_go_on == [Mode.QUICK_MIX_A1A2], "the way back to his game", str(receipt.data))
        await operator.see(jonas, "10 paid energy", lambda has: has.paid_energy == 10)


async def _locked(katja: ScriptedPlayer, console: Console) -> None:
    with console.step("Katja taps a locked mode: an offer"):
        await katja.tap(await katja.ask("/play"), _LOCKED)
        offer = await katja.see_offer()
        expect(says(offer, "en", "offer-LOCKED_MODE_CLICK"), "the offer for a locked mode", offer.text)
    with console.step("Katja wants it no more: it is gone"):
        (away,) = [data for data in offer.data if data.startswith(OfferAwayButton.__prefix__) and data.endswith(":1")]
        answer = await katja.post("tap", {"message_id": offer.message_id, "data": away})
        expect(answer.get("text") == load_texts().voice("en").plain("toast-offer-muted"), "a word", str(answer))
        await katja.see_gone(offer)


async def _withheld(lena: ScriptedPlayer, console: Console) -> None:
    with console.step("Lena is in the holdout: no offer"):
        _, locked = await lena.tap(await lena.ask("/play"), _LOCKED)
        expect(not locked.options, "a locked mode", locked.text)


async def _sees_no_other(player: ScriptedPlayer, offer: Message) -> None:
    """Look after two more answers: what promo would have made of the first one is there by then."""
    await player.ask("/top")
    await player.ask("/streak")
    others = [one for one in await player.messages() if one.is_offer and one.message_id != offer.message_id]
    expect(not others, "no other offer", str([one.text for one in others]))


async def _see_figures(operator: OperatorClient) -> None:
    board: dict[str, Any] = {}
    for _ in range(_LOOKS_MAX):
        board = await operator.ask("query.offers.dashboard", hours=1)
        seen = tuple(board[name] for name in ("clicks", "dismissals", "conversions"))
        if min(seen) >= 1 and board["holdout"]["players"] >= 1 and board["impressions"] >= 2:
            expect(board["offered"]["buyers"] >= 1, "a buyer among those who saw one", str(board))
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise SmokeError(f"awaited a click, a dismissal, a conversion and somebody held out; there is {board}")


def says(message: Message, language: str, key: str) -> bool:
    """Whether a message has the headline of a text."""
    headline = load_texts().voice(language).html(key).partition("\n")[0]
    return headline.replace("<b>", "").replace("</b>", "").strip() in message.text
