"""Attacks on payments through the real processes, two of payments among them: each Star counts once (DOMAIN §6)."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from shopfloor import Floor, price_tag, until

from contracts.envelope import first_envelope
from contracts.message import encode, subject_of
from contracts.payments import BuyProduct, CheckoutRefusal, Product
from devstack.scripted_player import Message, ScriptedPlayer
from gateway.texts import load_texts

pytestmark = pytest.mark.asyncio(loop_scope="session")

_AT_ONCE = 20
_CROWD = 24
_STRAY = "sq1:" + "0" * 32


def _words(refusal: CheckoutRefusal) -> str:
    return load_texts().voice("en").plain(f"precheckout-{refusal}")


async def test_twenty_taps_at_once_make_one_invoice(floor: Floor) -> None:
    kim = await floor.come()
    shop = await kim.ask("/shop")
    tap = {"message_id": shop.message_id, "data": price_tag(Product.ENERGY_10)}
    # A tap that nobody answers is an error of the sandbox's.
    await asyncio.gather(*(kim.post("tap", tap) for _ in range(_AT_ONCE)))
    invoice = await _only_invoice(floor, kim)
    assert len(await floor.purchases(kim)) == 1
    assert (await kim.settle(invoice)).text.startswith("✅")
    assert [row["state"] for row in await floor.purchases(kim)] == ["CREDITED"]
    await floor.operator.see(kim, "10 energy", lambda has: has.paid_energy == 10)
    await floor.balanced()


async def test_twenty_buys_at_two_processes_at_once_make_one_invoice(floor: Floor) -> None:
    """The gateway lets ten taps of one player through; here all twenty reach payments, each a wish of its own."""
    kim = await floor.come()
    wish = BuyProduct(player_id=kim.player_id, product=Product.MEGA_PACK_15, surface="shop")
    names = [uuid4().hex for _ in range(_AT_ONCE)]
    gateway = await floor.stack.connect_as("gateway")
    try:
        await asyncio.gather(*(gateway.jetstream().publish(**_letter(wish, name)) for name in names))
    finally:
        await gateway.close()
    heard = "select count(*) from payments.inbox where id = any($1)"
    await until(lambda: _is(floor, _AT_ONCE, heard, names))
    assert len(await floor.purchases(kim)) == 1
    await kim.settle(await _only_invoice(floor, kim))
    assert [row["state"] for row in await floor.purchases(kim)] == ["CREDITED"]
    await floor.balanced()


async def test_the_same_charge_under_many_update_ids_is_one_credit(floor: Floor) -> None:
    kim = await floor.come()
    await floor.fault("update", "repeat", kind="message.successful_payment")
    outcome = await kim.pay(await floor.order(kim))
    assert outcome["paid"]
    again = {"charge_id": outcome["charge_id"]}
    await asyncio.gather(*(floor.call("POST", "forge/successful_payment", again) for _ in range(_AT_ONCE)))
    await floor.operator.see(kim, "10 energy", lambda has: has.paid_energy == 10)
    told = "select count(*) from gateway.updates where player_id = $1 and command = 'paid'"
    await until(lambda: _is(floor, _AT_ONCE + 2, told, kim.player_id))
    await floor.balanced()
    assert [row["state"] for row in await floor.purchases(kim)] == ["CREDITED"]
    assert await floor.kinds(kim) == ["SALE"]
    assert sum("✅" in message.text for message in await kim.messages()) == 1
    assert (await floor.operator.standing(kim)).paid_energy == 10


@pytest.mark.parametrize(
    ("altered", "refusal"),
    [
        ({"payload": "forged"}, CheckoutRefusal.UNKNOWN_PAYLOAD),
        ({"payload": _STRAY}, CheckoutRefusal.UNKNOWN_PAYLOAD),
        ({"amount": 1}, CheckoutRefusal.OTHER_AMOUNT),
        ({"amount": 11}, CheckoutRefusal.OTHER_AMOUNT),
    ],
)
async def test_an_invoice_that_was_tampered_with_is_refused_and_its_money_goes_back(
    floor: Floor, altered: dict[str, Any], refusal: CheckoutRefusal
) -> None:
    kim = await floor.come()
    invoice = await floor.order(kim)
    assert await floor.refused(kim, invoice, **altered) == _words(refusal)
    assert not await floor.charges(kim)
    # Taken all the same, unasked: it buys nothing, and waits to be given back.
    await floor.fault("payment", "unasked", chat_id=kim.player_id)
    await _goes_back(floor, kim, (await kim.pay(invoice, **altered))["charge_id"], refusal)
    # What it was to be is not harmed.
    assert (await kim.settle(invoice)).text.startswith("✅")
    await floor.balanced()


async def test_another_currency_is_refused(floor: Floor) -> None:
    kim = await floor.come()
    invoice = await floor.order(kim)
    assert await floor.refused(kim, invoice, currency="EUR") == _words(CheckoutRefusal.OTHER_AMOUNT)
    assert (await kim.settle(invoice)).text.startswith("✅")
    await floor.balanced()


async def test_an_invoice_of_somebody_else_is_refused_and_its_money_goes_back(floor: Floor) -> None:
    kim, eve = await floor.come(), await floor.come("Eve")
    invoice = await floor.order(kim)
    foreign = {"as": eve.player_id, "force": True}
    assert await floor.refused(kim, invoice, **foreign) == _words(CheckoutRefusal.OTHER_PLAYER)
    await floor.fault("payment", "unasked", chat_id=eve.player_id)
    outcome = await kim.pay(invoice, **foreign)
    await _goes_back(floor, eve, outcome["charge_id"], CheckoutRefusal.OTHER_PLAYER)
    assert (await kim.settle(invoice)).text.startswith("✅")
    assert (await floor.operator.standing(eve)).paid_energy == 0
    await floor.balanced()


async def test_a_lapsed_invoice_is_refused_but_money_that_came_in_for_it_is_honoured(floor: Floor) -> None:
    kim = await floor.come()
    invoice = await floor.order(kim)
    # Half an hour passes.
    await floor.database.execute(
        "update payments.purchases set expires_at = now() - interval '1 second' where player_id = $1", kim.player_id
    )
    assert await floor.refused(kim, invoice) == _words(CheckoutRefusal.LAPSED)
    await floor.fault("payment", "unasked", chat_id=kim.player_id)
    assert (await kim.settle(invoice)).text.startswith("✅")
    (purchase,) = await floor.purchases(kim)
    assert (purchase["state"], purchase["late"]) == ("CREDITED", True)
    await floor.operator.see(kim, "10 energy", lambda has: has.paid_energy == 10)
    await floor.balanced()


async def test_a_paid_invoice_is_refused_and_what_comes_in_for_it_is_bought_once_more(floor: Floor) -> None:
    kim = await floor.come()
    invoice = await floor.order(kim)
    await kim.settle(invoice)
    assert await floor.refused(kim, invoice) == _words(CheckoutRefusal.LAPSED)
    await floor.fault("payment", "unasked", chat_id=kim.player_id)
    await kim.settle(invoice)
    await floor.operator.see(kim, "20 energy", lambda has: has.paid_energy == 20)
    assert [row["state"] for row in await floor.purchases(kim)] == ["CREDITED", "CREDITED"]
    await floor.balanced()


async def test_a_second_saver_that_was_paid_unasked_goes_back_by_itself(floor: Floor) -> None:
    kim = await floor.come()
    invoice = await floor.order(kim, Product.STREAK_SAVER_20)
    await kim.settle(invoice)
    await floor.fault("payment", "unasked", chat_id=kim.player_id)
    outcome = await kim.pay(invoice)
    product = load_texts().voice("en").plain("product-STREAK_SAVER_20")
    told = load_texts().voice("en").plain("refunded-double", product=product)
    await kim.wait("word of the refund", lambda one: told in one.text)
    assert {one["charge_id"]: one["state"] for one in await floor.charges(kim)}[outcome["charge_id"]] == "refunded"
    assert (await floor.operator.standing(kim)).saver_tokens == 1
    assert (await floor.charge(outcome["charge_id"]))["state"] == "REFUNDED"
    await floor.balanced()


async def test_a_crowd_buys_at_two_processes_while_updates_are_doubled(floor: Floor) -> None:
    rules = [
        {"on": "update", "kind": "message.successful_payment", "do": "repeat", "probability": 0.3},
        {"on": "update", "kind": "message.successful_payment", "do": "duplicate", "probability": 0.5},
        {"on": "update", "kind": "pre_checkout_query", "do": "duplicate", "probability": 0.5},
    ]
    await floor.call("POST", "faults", {"faults": rules, "seed": 7})
    crowd = await asyncio.gather(*(floor.come(f"P{number}") for number in range(_CROWD)))
    handled = await _handled(floor)
    await asyncio.gather(*(_shops(floor, player) for player in crowd))
    assert all(now > before for before, now in zip(handled, await _handled(floor), strict=True))
    await floor.call("DELETE", "faults")
    await floor.balanced()
    for player in crowd:
        assert [row["state"] for row in await floor.purchases(player)] == ["CREDITED", "CREDITED"]
        assert (await floor.operator.standing(player)).paid_energy == 25
    books = await floor.has("house:PROVIDER_CLEARING:TELEGRAM")  # what is no sale is booked in billionths
    stars = books["XTR"] + books.get("XTR_NANO", 0) / 1_000_000_000
    assert stars == (await floor.call("GET", "stars"))["balance"]


async def _only_invoice(floor: Floor, player: ScriptedPlayer) -> Message:
    """Return the one invoice that stands in the chat once nothing more is on its way there."""
    waiting = "select count(*) from gateway.effects where lane = $1"
    await until(lambda: _is(floor, 0, waiting, f"chat:{player.player_id}"))
    (invoice,) = [one for one in await player.messages() if one.invoice is not None]
    return invoice


async def _handled(floor: Floor) -> list[float]:
    """Return how many messages each process of payments has handled."""
    counts: list[float] = []
    for program in floor.stack.services["payments"]:
        async with floor.session.get(f"{program.url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        counts.append(sum(float(line.split()[-1]) for line in lines if line.startswith("starquiz_messages_total")))
    return counts


async def _shops(floor: Floor, player: ScriptedPlayer) -> None:
    for product in (Product.ENERGY_10, Product.MEGA_PACK_15):
        await player.settle(await floor.order(player, product))


async def _goes_back(floor: Floor, payer: ScriptedPlayer, charge_id: str, problem: CheckoutRefusal) -> None:
    """See money kept as an orphan, and have an operator give it back."""
    charge = await until(lambda: floor.charge(charge_id))
    assert (charge["state"], charge["problem"], charge["purchase_id"]) == ("ORPHAN", problem, None)
    waiting = (await floor.operator.ask("admin.payments.review.list", limit=500))["cases"]
    assert charge_id in {case["charge_id"] for case in waiting if case["what"] == "ORPHAN"}
    answer = await floor.operator.ask(
        "admin.payments.refund.orphan", player_id=payer.player_id, charge_id=charge_id, note="nothing was sold"
    )
    assert answer["started"], answer
    await until(lambda: _is_back(floor, charge_id))
    assert (await floor.charge(charge_id))["state"] == "REFUNDED"
    assert sorted(await floor.kinds(payer)) == ["RECEIPT", "REFUND"]


async def _is_back(floor: Floor, charge_id: str) -> bool:
    """Whether the player has the money, and the books know."""
    (at_provider,) = [one for one in await floor.charges() if one["charge_id"] == charge_id]
    return at_provider["state"] == "refunded" and (await floor.charge(charge_id))["state"] == "REFUNDED"


def _letter(wish: BuyProduct, name: str) -> dict[str, Any]:
    """What the gateway publishes for a tap."""
    envelope = first_envelope(wish, identifier=name, time=datetime.now(UTC), source="gateway")
    return {"subject": subject_of(wish), "payload": encode(wish), "headers": envelope.headers()}


async def _is(floor: Floor, count: int, sql: str, *arguments: Any) -> bool:
    return await floor.database.fetchval(sql, *arguments) == count
