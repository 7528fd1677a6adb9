"""Payments that go wrong on the way, through the real processes: nothing is lost, nothing counts twice (DOMAIN §6)."""

import asyncio
import signal
import time
from typing import Any

import pytest
from shopfloor import Floor, until

from contracts.payments import Product
from devstack.scripted_player import Message, ScriptedPlayer
from gateway.texts import load_texts

pytestmark = pytest.mark.asyncio(loop_scope="session")

_PAID = "message.successful_payment"
_DAY_SECONDS = 86_400
_REFUSED_WITHIN_SECONDS = 9
_TAP_ANSWERED_WITHIN_SECONDS = 2


async def test_a_payment_nobody_told_of_is_found_in_the_books_and_credited(floor: Floor) -> None:
    kim = await floor.come()
    await floor.fault("update", "drop", kind=_PAID)
    outcome = await kim.pay(await floor.order(kim))
    assert outcome["paid"]
    assert [row["state"] for row in await floor.purchases(kim)] == ["PRECHECKOUT_OK"]
    run = await _found(floor, outcome["charge_id"])
    assert run["diff_count"] == 0
    assert any(outcome["charge_id"] in line for line in run["repairs"])
    await _credited_once(floor, kim)


async def test_word_of_a_payment_that_comes_a_day_late_changes_nothing_more(floor: Floor) -> None:
    kim = await floor.come()
    await floor.fault("update", "hold", kind=_PAID)
    outcome = await kim.pay(await floor.order(kim))
    await _found(floor, outcome["charge_id"])
    await _credited_once(floor, kim)
    assert await floor.call("POST", "updates/release", {"age_seconds": _DAY_SECONDS}) == {"released": 1}
    await until(lambda: _heard_paid(floor, kim))
    await _credited_once(floor, kim)


async def test_word_of_a_payment_that_comes_a_day_late_is_credited_if_it_is_the_first(floor: Floor) -> None:
    kim = await floor.come()
    await floor.fault("update", "hold", kind=_PAID)
    await kim.pay(await floor.order(kim))
    # The invoice has failed long since.
    await floor.database.execute(
        "update payments.purchases set state = 'FAILED', reason = 'lapsed' where player_id = $1", kim.player_id
    )
    await floor.call("POST", "updates/release", {"age_seconds": _DAY_SECONDS})
    await _credited_once(floor, kim)
    assert [row["late"] for row in await floor.purchases(kim)] == [True]


async def test_payments_killed_between_pre_checkout_and_payment(floor: Floor) -> None:
    kim = await floor.come()
    await floor.fault("update", "hold", kind=_PAID)
    await kim.pay(await floor.order(kim, Product.PREMIUM_MONTH))
    processes = floor.stack.services["payments"]
    await asyncio.gather(*(program.kill() for program in processes))
    await floor.call("POST", "updates/release", {})
    await until(lambda: _heard_paid(floor, kim))
    await asyncio.gather(*(program.start() for program in processes))
    await asyncio.gather(*(program.wait_ready(30) for program in processes))
    await floor.operator.see(kim, "premium", lambda has: has.endless)
    await floor.balanced()
    assert [row["state"] for row in await floor.purchases(kim)] == ["CREDITED"]


async def test_with_payments_frozen_the_player_hears_a_polite_no_and_the_game_goes_on(floor: Floor) -> None:
    kim, ben = await floor.come(), await floor.come("Ben")
    invoice, menu = await floor.order(kim), await ben.ask("/play")
    processes = floor.stack.services["payments"]
    for program in processes:
        program.send(signal.SIGSTOP)
    try:
        began = time.monotonic()
        paying = asyncio.create_task(kim.pay(invoice))
        slowest = await _play_until(paying, ben, menu)
        outcome, took = await paying, time.monotonic() - began
    finally:
        for program in processes:
            program.send(signal.SIGCONT)
    assert (outcome["paid"], outcome["reason"]) == (False, "refused")
    assert outcome["error"] == load_texts().voice("en").plain("precheckout-later")
    assert took < _REFUSED_WITHIN_SECONDS
    assert slowest < _TAP_ANSWERED_WITHIN_SECONDS
    assert not await floor.charges(kim)
    # Once it is back, the same invoice is good.
    await kim.settle(invoice)
    await _credited_once(floor, kim)


async def test_a_refund_by_telegrams_support_takes_back_what_is_left_and_notes_the_rest_as_debt(floor: Floor) -> None:
    kim = await floor.come()
    outcome = await kim.pay(await floor.order(kim))
    await floor.operator.see(kim, "10 energy", lambda has: has.paid_energy == 10)
    # Free energy is used up first: it is gone, as if she had played for long.
    await floor.database.execute("update gameplay.players set energy_free = 0 where id = $1", kim.player_id)
    _, question = await kim.tap(await kim.ask("/play"), "p:QUICK_MIX_A1A2")
    assert len(question.options) == 4
    await floor.operator.see(kim, "9 left", lambda has: has.paid_energy == 9)
    await floor.call("POST", f"charges/{outcome['charge_id']}/refund", {})
    await kim.wait("word of the refund", lambda one: "↩️" in one.text)
    await floor.operator.see(kim, "nothing left", lambda has: has.paid_energy == 0)
    await until(lambda: floor.has(f"debt:{kim.player_id}"))
    await floor.balanced()
    assert [row["state"] for row in await floor.purchases(kim)] == ["REFUNDED"]
    assert await floor.kinds(kim) == ["SALE", "REFUND", "DEBT"]
    assert await floor.has(f"debt:{kim.player_id}") == {"PAID_ENERGY": 1}
    assert await floor.has(f"player:{kim.player_id}") == {}


async def test_a_chargeback_shows_as_a_diff_of_the_balance(own_floor: Floor) -> None:
    """Telegram's list never tells of it, so the books differ from now on."""
    floor = own_floor
    kim = await floor.come()
    outcome = await kim.pay(await floor.order(kim))
    await _credited_once(floor, kim)
    before = await floor.reconciled(full=True)
    assert (before["diffs"], before["full"]) == ([], True)
    await floor.call("POST", f"charges/{outcome['charge_id']}/chargeback", {})
    after = await floor.reconciled(full=True)
    assert [diff["kind"] for diff in after["diffs"]] == ["balance_differs"]
    assert "10" in after["diffs"][0]["line"]
    # An operator who has found it gives it back, as the runbook says; Telegram has done so already.
    assert (await floor.operator.refund(kim, Product.ENERGY_10))["started"]
    await floor.operator.see(kim, "nothing left", lambda has: has.paid_energy == 0)
    assert [row["state"] for row in await floor.purchases(kim)] == ["REFUNDED"]


async def _found(floor: Floor, charge_id: str) -> Any:
    """Let the books be compared until a payment nobody had told of is found; return the run that found it."""
    run: Any = None

    async def found() -> bool:
        nonlocal run
        run = await floor.reconciled()
        return await floor.charge(charge_id) is not None

    await until(found, lambda: run)
    return run


async def _credited_once(floor: Floor, kim: ScriptedPlayer) -> None:
    await floor.operator.see(kim, "10 energy", lambda has: has.paid_energy == 10)
    await kim.wait("the receipt", lambda one: "✅" in one.text)
    await floor.balanced()
    assert [row["state"] for row in await floor.purchases(kim)] == ["CREDITED"]
    assert await floor.kinds(kim) == ["SALE"]
    assert await floor.has(f"player:{kim.player_id}") == {"PAID_ENERGY": 10}
    assert sum("✅" in message.text for message in await kim.messages()) == 1


async def _heard_paid(floor: Floor, player: ScriptedPlayer) -> bool:
    """Whether the gateway has handed word of a payment on."""
    told = "select count(*) from gateway.updates where player_id = $1 and command = 'paid'"
    return bool(await floor.database.fetchval(told, player.player_id))


async def _play_until(done: "asyncio.Task[Any]", ben: ScriptedPlayer, menu: Message) -> float:
    """Play until something else is done; return how long the slowest tap took, in seconds."""
    slowest = 0.0
    _, question = await ben.tap(menu, "p:QUICK_MIX_A1A2")
    while not done.done():
        began = time.monotonic()
        toast, question = await ben.tap(question, question.options[0])
        assert toast
        slowest = max(slowest, time.monotonic() - began)
        await asyncio.wait({done}, timeout=0.5)
    return slowest
