"""The shop's part of `make smoke`: every product on sale bought and used, what is refused, and money given back."""

import asyncio

import aiohttp

from contracts.gameplay import Mode
from contracts.payments import Product, ShopView
from devstack.console import Console
from devstack.environment import SANDBOX_SUPPORT
from devstack.operator_client import OperatorClient
from devstack.scripted_player import Message, ScriptedPlayer, expect, side_by_side
from gateway.buttons import PlayButton, ShopButton
from gateway.texts import load_texts

_LOCKED = Mode.WORD_ORDER
_PLAY_LOCKED = PlayButton(mode=_LOCKED).pack()


async def shopping(session: aiohttp.ClientSession, operator: OperatorClient, console: Console) -> None:
    """Have four players buy side by side: the bot writes to one chat about once a second."""
    names = (("Clara", "en"), ("David", "de"), ("Emma", "en"), ("Felix", "de"))
    with console.step("Clara, David, Emma and Felix come"):
        clara, david, emma, felix = await asyncio.gather(*(ScriptedPlayer.come(session, *who) for who in names))
        await asyncio.gather(*(player.ask("/start") for player in (clara, david, emma, felix)))
    await side_by_side(
        _mega_pack(clara, operator, console),
        _saver(david, operator, console),
        _upgrade(emma, operator, console),
        _longest_premium(felix, operator, console),
    )


async def more_energy(anna: ScriptedPlayer, empty: Message, operator: OperatorClient, console: Console) -> None:
    """Buy energy on the screen that says it is gone, and play on from the receipt."""
    with console.step("Anna buys 10 energy and plays on"):
        receipt = await anna.buy(empty, Product.ENERGY_10)
        await operator.see(anna, "10 paid energy", lambda has: has.paid_energy == 10)
        expect(receipt.modes_to_go_on == [Mode.QUICK_MIX_A1A2], "the way back to her game", str(receipt.data))
        _, question = await anna.tap(receipt, receipt.data[0])
        expect(len(question.options) == 4, "a question", question.text)
        await operator.see(anna, "one of them used", lambda has: has.paid_energy == 9)


async def _mega_pack(clara: ScriptedPlayer, operator: OperatorClient, console: Console) -> None:
    with console.step("Clara's mega pack opens a mode"):
        _, locked = await clara.tap(await clara.ask("/play"), _PLAY_LOCKED)
        expect(not locked.options and not locked.sells(Product.MEGA_PACK_15), "a locked mode", locked.text)
        _, shop = await clara.tap(locked, ShopButton(view=ShopView.SHOP).pack())
        await clara.buy(shop, Product.MEGA_PACK_15)
        has = await operator.see(clara, "15 paid energy", lambda has: has.paid_energy == 15)
        expect(has.open_modes == frozenset(Mode), "every mode open", str(has.open_modes))
        _, question = await clara.tap(await clara.ask("/play"), _PLAY_LOCKED)
        expect(len(question.options) == 4, "a question of it", question.text)
    with console.step("Clara refunded: locked again"):
        notice = await _refund(clara, Product.MEGA_PACK_15, operator)
        expect("⭐ 15" in notice.text, "word of 15 Stars", notice.text)
        await operator.see(
            clara, "nothing left of it", lambda has: not has.paid_energy and _LOCKED not in has.open_modes
        )
        _, locked = await clara.tap(await clara.ask("/play"), _PLAY_LOCKED)
        expect(not locked.options, "a locked mode", locked.text)
    with console.step("Clara's purchases say so"):
        history = await clara.ask("/purchases")
        expect(_says(history, "en", "purchase-REFUNDED"), "the refund", history.text)


async def _saver(david: ScriptedPlayer, operator: OperatorClient, console: Console) -> None:
    with console.step("David: same invoice on a 2nd tap"):
        shop = await david.ask("/shop")
        first = await david.order(shop, Product.STREAK_SAVER_20)
        toast, again = await david.tap(shop, shop.price_tag(Product.STREAK_SAVER_20))
        expect(toast == load_texts().voice("de").plain("toast-invoice-again"), "word that it is the same", toast)
        expect(again.invoice == first.invoice, "the same invoice", str(again.invoice))
        await david.see_gone(first)
    with console.step("David pays: one saver token"):
        await david.settle(again)
        await operator.see(david, "a saver token", lambda has: has.saver_tokens == 1)
    with console.step("David: no second saver in 7 days"):
        _, refusal = await david.tap(shop, shop.price_tag(Product.STREAK_SAVER_20))
        expect(refusal.invoice is None and "🛟" in refusal.text, "a refusal", refusal.text)
    with console.step("David: no duel ticket, but energy"):
        expect(not shop.sells(Product.DUEL_TICKET_5), "no ticket while there are no duels", str(shop.data))
        await david.buy(shop, Product.ENERGY_10)
        await operator.see(david, "10 energy", lambda has: has.paid_energy == 10)
    with console.step("David refunded: may buy again"):
        await _refund(david, Product.STREAK_SAVER_20, operator)
        await operator.see(david, "no saver token", lambda has: has.saver_tokens == 0)
        await david.order(shop, Product.STREAK_SAVER_20)
    with console.step("David's purchases and states"):
        history = await david.ask("/purchases")
        expect(_says(history, "de", "purchase-REFUNDED"), "the saver paid back", history.text)
        expect(_says(history, "de", "purchase-CREDITED"), "the energy delivered", history.text)


async def _upgrade(emma: ScriptedPlayer, operator: OperatorClient, console: Console) -> None:
    plans = await emma.ask("/premium")
    with console.step("Emma's Premium: endless energy"):
        await emma.buy(plans, Product.PREMIUM_STARTER)
        first = await operator.see(emma, "premium", lambda has: has.endless and has.open_modes == frozenset(Mode))
    with console.step("Emma: bigger plan starts at once"):
        await emma.buy(plans, Product.PREMIUM_MONTH)
        await operator.see(emma, "more days", lambda has: (has.premium_until or "") > (first.premium_until or ""))
    with console.step("Emma: a smaller one is refused"):
        _, refusal = await emma.tap(plans, plans.price_tag(Product.PREMIUM_STARTER))
        expect(refusal.invoice is None and not refusal.sells(Product.PREMIUM_MONTH), "a refusal", refusal.text)
        expect(refusal.sells(Product.PREMIUM_SEASON), "the bigger plans", str(refusal.data))
    with console.step("Emma reads whom to ask for help"):
        support = await emma.ask("/paysupport")
        expect(SANDBOX_SUPPORT in support.text, SANDBOX_SUPPORT, support.text)


async def _longest_premium(felix: ScriptedPlayer, operator: OperatorClient, console: Console) -> None:
    plans = await felix.ask("/premium")
    with console.step("Felix goes from Season to Year"):
        await felix.buy(plans, Product.PREMIUM_SEASON)
        season = await operator.see(felix, "premium", lambda has: has.endless)
        await felix.buy(plans, Product.PREMIUM_YEAR)
        await operator.see(felix, "a year more", lambda has: (has.premium_until or "") > (season.premium_until or ""))
    with console.step("Felix refunded: Season runs on"):
        await _refund(felix, Product.PREMIUM_YEAR, operator)
        await operator.see(felix, "Season's end", lambda has: has.endless and has.premium_until == season.premium_until)


async def _refund(player: ScriptedPlayer, product: Product, operator: OperatorClient) -> Message:
    """Have an operator give a purchase back, and return what the player is told."""
    begun = max(one.rev for one in await player.messages())
    answer = await operator.refund(player, product)
    expect(answer.get("started") is True, "a refund to begin", str(answer))
    return await player.wait("word of the refund", lambda one: one.rev > begun and "↩️" in one.text)


def _says(message: Message, language: str, key: str) -> bool:
    return load_texts().voice(language).plain(key) in message.text
