"""Offers by the real processes: what is written is shown, what is bought is its own, promo knows the owners' books."""

from datetime import UTC, datetime
from typing import Any

import pytest
from shopfloor import Floor, until
from test_goods import away

from contracts.gameplay import Mode
from contracts.payments import Product
from contracts.subjects import stream_name
from devstack.scripted_player import Message, ScriptedPlayer
from devstack.stack import DEPLOYER
from gateway.buttons import PlayButton
from promo.domain.impression import is_held_out

pytestmark = pytest.mark.asyncio(loop_scope="session")

_AWAY_FOR_FOUR_DAYS = """insert into promo.prospects (player_id, premium_revision, premium_rank, streak_days,
    streak_is_played, streak_active_on, purchases, impressions, mutes)
    values ($1, 0, 0, 0, false, current_date - 4, '[]', '[]', '[]')"""
_JOB_SECONDS = 90
"""A job that runs each minute has run by then."""
_LOCKED = PlayButton(mode=Mode.WORD_ORDER).pack()


async def _come(floor: Floor) -> ScriptedPlayer:
    """Somebody who is not in the holdout."""
    while True:
        player = await floor.come()
        if not is_held_out(player.player_id, datetime.now(UTC)):
            return player


async def _offer(player: ScriptedPlayer) -> Message:
    await player.tap(await player.ask("/play"), _LOCKED)
    return await player.see_offer()


async def _impressions(floor: Floor, player: ScriptedPlayer) -> list[Any]:
    return await floor.database.fetch("select * from promo.impressions where player_id = $1", player.player_id)


async def test_an_offer_is_written_shown_bought_from_and_given_back(floor: Floor) -> None:
    kim = await _come(floor)
    offer = await _offer(kim)
    ((impression,), shown) = (await _impressions(floor, kim), [one for one in await kim.messages() if one.is_offer])
    assert (impression["trigger"], len(shown)) == ("LOCKED_MODE_CLICK", 1)
    receipt = await kim.buy(offer, Product.MEGA_PACK_15)
    assert receipt.modes_to_go_on == [Mode.WORD_ORDER]

    async def outcome(*, purchases: int) -> Any:
        (row,) = await _impressions(floor, kim)
        return row if row["purchases"] == purchases and row["clicked_at"] else None

    await until(lambda: outcome(purchases=1))
    assert (await floor.operator.refund(kim, Product.MEGA_PACK_15))["started"]
    await until(lambda: outcome(purchases=0))
    await floor.balanced()


async def test_promo_knows_of_a_player_what_their_owners_know(floor: Floor) -> None:
    """Heard live, and again when it is told again: the projection is the books."""
    kim = await _come(floor)
    await kim.settle(await floor.order(kim, Product.PREMIUM_STARTER))
    await kim.settle(await floor.order(kim, Product.PREMIUM_MONTH))
    await kim.settle(await floor.order(kim, Product.ENERGY_10))
    _, question = await kim.tap(await kim.ask("/play"), PlayButton(mode=Mode.QUICK_MIX_A1A2).pack())
    await kim.tap(question, question.options[0])
    owned = await floor.operator.ask("query.gameplay.player", player_id=kim.player_id)
    assert owned["streak"]["days"] == 1

    async def known() -> Any:
        """Promo's projection, as soon as every owner's word has come in: each comes by a stream of its own."""
        found = await floor.operator.ask("query.promo.player", player_id=kim.player_id)
        prospect: Any = found.get("prospect")
        if not prospect or prospect["streak"]["days"] != 1 or len(prospect["purchases"]) != 3:
            return None
        return prospect if prospect["premium"]["rank"] == 2 else None

    async def compare() -> None:
        prospect = await until(known)
        assert prospect["premium"]["ends"] == owned["premium_until"]
        bought = {(str(row["id"]), row["product"]) for row in await floor.purchases(kim) if row["state"] == "CREDITED"}
        assert {(one["purchase_id"], one["product"]) for one in prospect["purchases"]} == bought

    await compare()
    await floor.database.execute("delete from promo.prospects where player_id = $1", kim.player_id)
    await floor.database.execute("delete from promo.purchases where player_id = $1", kim.player_id)
    for owner, what in (("gameplay", "players"), ("payments", "purchases"), ("payments", "premium")):
        begun = await floor.operator.ask(f"admin.{owner}.restate.start", hearer="promo", what=what)
        assert begun.get("id"), begun
    await compare()
    await floor.balanced()


async def test_while_promo_is_away_taps_are_answered_and_none_is_lost(floor: Floor) -> None:
    """An offer may be lost with its moment; an answer never waits for one."""
    kim = await _come(floor)
    async with away(floor, "promo"):
        _, menu = await kim.tap(await kim.ask("/play"), _LOCKED)
        assert not menu.options
        _, question = await kim.tap(await kim.ask("/play"), PlayButton(mode=Mode.QUICK_MIX_A1A2).pack())
        _, after = await kim.tap(question, question.options[0])
        assert len(after.options) == 4
        assert await _impressions(floor, kim) == []
    await kim.tap(await kim.ask("/play"), _LOCKED)
    await kim.see_offer()  # of the tap before, if that was within the minute
    (impression,) = await _impressions(floor, kim)
    assert impression["trigger"] == "LOCKED_MODE_CLICK"
    await floor.balanced()


async def test_a_discount_is_shown_and_bought_with_though_word_of_it_is_lost(floor: Floor) -> None:
    """Payments is away, and what promo told it meanwhile is purged: the offer stands in the chat all the same, and
    payments is told again."""
    kim = await _come(floor)
    await floor.database.execute("update gameplay.players set answered = 9 where id = $1", kim.player_id)
    await floor.database.execute(_AWAY_FOR_FOUR_DAYS, kim.player_id)
    client = await floor.stack.connect_as(DEPLOYER)
    try:
        async with away(floor, "payments"):
            await kim.ask("/play")
            offer = await kim.see_offer()
            assert "⭐ 12" in offer.text
            subject = f"payments.cmd.{kim.player_id}.hold_discount"
            await client.jetstream().purge_stream(stream_name("payments", "cmd"), subject=subject)
        older = "update promo.redemptions set made_at = made_at - interval '1 minute' where player_id = $1"
        await floor.database.execute(older, kim.player_id)
    finally:
        await client.close()
    await until(lambda: _is_held(floor, kim), seconds=_JOB_SECONDS)
    invoice = await kim.order(offer, Product.MEGA_PACK_15)
    assert invoice.invoice is not None
    assert invoice.invoice.amount == 12
    await kim.settle(invoice)
    await floor.balanced()


async def _is_held(floor: Floor, player: ScriptedPlayer) -> bool:
    held = "select exists (select from payments.discounts where player_id = $1 and held_at is not null)"
    return await floor.database.fetchval(held, player.player_id)
