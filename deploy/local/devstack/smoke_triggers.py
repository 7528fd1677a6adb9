"""The offers of `make smoke` that need a past: what a script cannot wait for is written into the owners' rows.

Two are left out, for they depend on the hour: the streak that is at risk from 22:00 on, and the weekend.
"""

import asyncio

import aiohttp
import asyncpg
import msgspec

from contracts.payments import Product
from devstack.console import Console
from devstack.roles import DATABASE
from devstack.scripted_player import Message, ScriptedPlayer, expect, side_by_side
from devstack.smoke_offers import come_to_see, says
from devstack.stack import Stack
from gateway.buttons import OfferAwayButton
from gateway.texts import load_texts

_TODAY = "(now() at time zone 'Europe/Berlin')::date"
_PLAYED = "update gameplay.players set answered = 40 where id = $1"
_STREAK = f"""update gameplay.players set answered = 40, streak_days = {{0}}, streak_best = {{0}},
    streak_active_on = {_TODAY}, streak_settled_on = {_TODAY} where id = $1"""
_PROSPECT = """insert into promo.prospects (player_id, premium_revision, premium_rank, premium_ends, streak_days,
    streak_is_played, streak_active_on, purchases, impressions, mutes)
    values ($1, 1, {0}, now() + interval '{1}', 0, false, {2}, '[]', '[]', '[]')"""


class _Past(msgspec.Struct, frozen=True):
    """What somebody has behind them when they look at the menu."""

    name: str
    language: str
    trigger: str
    product: Product
    rows: tuple[str, ...] = ()
    bought: tuple[Product, ...] = ()


_PASTS = (
    _Past("Mia", "de", "ENERGY_LOW", Product.ENERGY_10, ("update gameplay.players set energy_free = 3 where id = $1",)),
    _Past("Noah", "en", "STREAK_GT7", Product.MEGA_PACK_15, (_STREAK.format(9),)),
    _Past("Olga", "de", "STREAK_MILESTONE_30", Product.STREAK_SAVER_20, (_STREAK.format(31),)),
    _Past("Paul", "en", "STARTER_EXPIRED", Product.PREMIUM_MONTH, (_PROSPECT.format(1, "-1 hour", "null"),)),
    _Past("Quentin", "de", "MONTH_EXPIRING", Product.PREMIUM_YEAR, (_PROSPECT.format(2, "48 hours", "null"),)),
    _Past("Rosa", "en", "ENERGY10_SECOND_BUY", Product.MEGA_PACK_15, bought=(Product.ENERGY_10,) * 2),
    _Past("Samir", "de", "MEGA_THIRD_BUY", Product.PREMIUM_STARTER, bought=(Product.MEGA_PACK_15,) * 3),
)
_AWAY = _Past("Tara", "de", "COMEBACK_3D", Product.MEGA_PACK_15, (_PROSPECT.format(0, "0", f"{_TODAY} - 4"),))


async def triggering(session: aiohttp.ClientSession, stack: Stack, console: Console) -> None:
    """Have players with a past look at the menu, side by side."""
    database = await asyncpg.create_pool(stack.postgres.dsn(DATABASE), min_size=1, max_size=2)
    try:
        with console.step("seven with a past: an offer each"):
            offers = await asyncio.gather(*(_meet(past, session, database) for past in _PASTS))
        await side_by_side(_dismiss(*offers[0], console), _come_back(session, database, console))
    finally:
        await database.close()


async def _meet(
    past: _Past, session: aiohttp.ClientSession, database: "asyncpg.Pool[asyncpg.Record]"
) -> tuple[ScriptedPlayer, Message]:
    player = await come_to_see(session, past.name, past.language)
    last = await player.ask("/start")
    for product in past.bought:
        last = await player.buy(await player.ask("/shop"), product)
    for statement in (_PLAYED, *past.rows):
        await database.execute(statement, player.player_id)
    await player.ask("/play")
    offer = await player.see_offer(after=last.message_id)
    expect(says(offer, past.language, f"offer-{past.trigger}"), f"the offer {past.trigger}", offer.text)
    offer.price_tag(past.product)
    return player, offer


async def _dismiss(mia: ScriptedPlayer, offer: Message, console: Console) -> None:
    with console.step("Mia says not now: it is gone"):
        (away,) = [data for data in offer.data if data.startswith(OfferAwayButton.__prefix__) and data.endswith(":0")]
        answer = await mia.post("tap", {"message_id": offer.message_id, "data": away})
        expect(answer.get("text") == load_texts().voice("de").plain("toast-offer-away"), "a word", str(answer))
        await mia.see_gone(offer)


async def _come_back(
    session: aiohttp.ClientSession, database: "asyncpg.Pool[asyncpg.Record]", console: Console
) -> None:
    with console.step("Tara is back and buys 20 % off"):
        tara, offer = await _meet(_AWAY, session, database)
        expect("⭐ 12" in offer.text, "the new price", offer.text)
        invoice = await tara.order(offer, Product.MEGA_PACK_15)
        expect(invoice.invoice is not None and invoice.invoice.amount == 12, "12 Stars", str(invoice.invoice))
        await tara.settle(invoice)
