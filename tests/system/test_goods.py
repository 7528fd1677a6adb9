"""What NATS lost of goods, premium and revocations is noticed, told again, and given once, by the real processes."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from shopfloor import Floor, until

from contracts.envelope import first_envelope
from contracts.message import encode, subject_of
from contracts.payments import EntitlementGranted, Product
from devstack.scripted_player import ScriptedPlayer

pytestmark = pytest.mark.asyncio(loop_scope="session")

_RESTORED = ("players", "grants", "journal", "inbox")
"""Tables of gameplay that a restore brings back to what they were."""


@asynccontextmanager
async def away(floor: Floor, service: str) -> AsyncGenerator[None]:
    """Kill all processes of a service, and start them again at the end."""
    await kill(floor, service)
    try:
        yield
    finally:
        await start(floor, service)


async def kill(floor: Floor, service: str) -> None:
    await asyncio.gather(*(program.kill() for program in floor.stack.services[service]))


async def start(floor: Floor, service: str) -> None:
    programs = floor.stack.services[service]
    await asyncio.gather(*(program.start() for program in programs))
    await asyncio.gather(*(program.wait_ready(30) for program in programs))


async def published(floor: Floor, service: str) -> None:
    """Wait until all that a service has to say is on its stream."""

    async def done() -> bool:
        return not await floor.database.fetchval(f"select count(*) from {service}.outbox")

    await until(done)


async def lose(floor: Floor, stream: str) -> None:
    """Lose all that a stream holds, as with its disk."""
    await published(floor, stream.partition("_")[0].lower())
    client = await floor.stack.connect_as("deploy")
    try:
        await client.jetstream().purge_stream(stream)
    finally:
        await client.close()


async def state_of(floor: Floor, player: ScriptedPlayer, state: str) -> None:
    async def reached() -> bool:
        return [row["state"] for row in await floor.purchases(player)] == [state]

    await until(reached)


async def diffs(floor: Floor) -> tuple[list[str], int]:
    run = await floor.compared()
    assert run["unanswered"] == ""
    return sorted(diff["kind"] for diff in run["diffs"]), run["repaired"]


async def even(floor: Floor) -> bool:
    return await diffs(floor) == ([], 0)


async def test_goods_and_premium_that_a_lost_stream_kept_from_gameplay_are_given_once(floor: Floor) -> None:
    kim, ben = await floor.come(), await floor.come("Ben")
    invoices = await floor.order(kim), await floor.order(ben, Product.PREMIUM_STARTER)
    async with away(floor, "gameplay"):
        for player, invoice in zip((kim, ben), invoices, strict=True):
            assert (await player.pay(invoice))["paid"]
            await state_of(floor, player, "CREDITED")
            await player.wait("the receipt", lambda one: "✅" in one.text)
        await lose(floor, "PAYMENTS_EVT")
    before = {player: await _texts(player) for player in (kim, ben)}
    assert await diffs(floor) == (["not_given", "premium_behind"], 2)
    await floor.operator.see(kim, "10 energy", lambda has: has.paid_energy == 10)
    await floor.operator.see(ben, "premium", lambda has: has.endless)
    assert await even(floor)
    await floor.balanced()
    # Nobody gets a second receipt.
    assert {player: await _texts(player) for player in (kim, ben)} == before


async def test_what_a_purge_took_is_given_once_when_payments_says_everything_again(floor: Floor) -> None:
    """Kim's goods were given before the stream was lost, Ben's had not been heard; both are said again, twice."""
    kim, ben = await floor.come(), await floor.come("Ben")
    since = datetime.now(UTC) - timedelta(minutes=1)
    assert (await kim.pay(await floor.order(kim)))["paid"]
    await floor.operator.see(kim, "10 energy", lambda has: has.paid_energy == 10)
    invoice = await floor.order(ben, Product.MEGA_PACK_15)
    async with away(floor, "gameplay"):
        assert (await ben.pay(invoice))["paid"]
        await state_of(floor, ben, "CREDITED")
        await lose(floor, "PAYMENTS_EVT")
    assert (await floor.operator.standing(ben)).paid_energy == 0
    # What was published is kept from the turn on that tidies up after it.
    await until(lambda: _kept(floor, 2))
    for _ in range(2):
        said = await floor.operator.ask("admin.payments.outbox.republish", since=since, subject="payments.evt.>")
        assert (said["trouble"], said["after"]) == ("", "")
        assert said["published"] == said["found"] >= 2
    await floor.operator.see(ben, "15 energy", lambda has: has.paid_energy == 15)
    await until(lambda: _heard_all(floor))
    assert [(await floor.operator.standing(player)).paid_energy for player in (kim, ben)] == [10, 15]
    given = "select paid_energy from gameplay.grants where player_id = any($1) order by paid_energy"
    rows = await floor.database.fetch(given, [kim.player_id, ben.player_id])
    assert [row[0] for row in rows] == [10, 15]
    assert await even(floor)
    await floor.balanced()


async def _kept(floor: Floor, grants: int) -> bool:
    sql = "select count(*) from payments.outbox_sent where subject like '%.entitlement_granted'"
    return await floor.database.fetchval(sql) >= grants


async def _heard_all(floor: Floor) -> bool:
    client = await floor.stack.connect_as("deploy")
    try:
        info = await client.jetstream().consumer_info("PAYMENTS_EVT", "gameplay")
        return not info.num_pending and not info.num_ack_pending
    finally:
        await client.close()


async def test_a_revocation_that_was_lost_is_told_again(floor: Floor) -> None:
    kim = await floor.come()
    outcome = await kim.pay(await floor.order(kim))
    await floor.operator.see(kim, "10 energy", lambda has: has.paid_energy == 10)
    async with away(floor, "gameplay"):
        await floor.call("POST", f"charges/{outcome['charge_id']}/refund", {})
        await state_of(floor, kim, "REFUNDED")
        await lose(floor, "PAYMENTS_EVT")
    assert await diffs(floor) == (["not_taken_back"], 1)
    await floor.operator.see(kim, "nothing left", lambda has: has.paid_energy == 0)
    assert await even(floor)
    await floor.balanced()


async def test_what_was_left_of_a_grant_is_learnt_though_gameplay_s_word_was_lost(floor: Floor) -> None:
    kim = await floor.come()
    outcome = await kim.pay(await floor.order(kim))
    await floor.operator.see(kim, "10 energy", lambda has: has.paid_energy == 10)
    # Free energy is used up first: it is gone, as if she had played for long.
    await floor.database.execute("update gameplay.players set energy_free = 0 where id = $1", kim.player_id)
    await kim.tap(await kim.ask("/play"), "p:QUICK_MIX_A1A2")
    await floor.operator.see(kim, "9 left", lambda has: has.paid_energy == 9)
    # Payments tells of the refund while gameplay is away; gameplay takes back while payments is away.
    await kill(floor, "gameplay")
    await floor.call("POST", f"charges/{outcome['charge_id']}/refund", {})
    await state_of(floor, kim, "REFUNDED")
    await published(floor, "payments")
    async with away(floor, "payments"):
        await start(floor, "gameplay")
        await until(lambda: _revoked(floor, kim))
        await lose(floor, "GAMEPLAY_EVT")
    assert await floor.has(f"debt:{kim.player_id}") == {}
    assert await diffs(floor) == (["debt_not_booked"], 1)
    assert await floor.has(f"debt:{kim.player_id}") == {"PAID_ENERGY": 1}
    assert await even(floor)
    await floor.balanced()


async def test_a_gameplay_restored_from_yesterday_is_brought_to_today(floor: Floor) -> None:
    kim, ben = await floor.come(), await floor.come("Ben")
    outcome = await kim.pay(await floor.order(kim))
    await floor.operator.see(kim, "10 energy", lambda has: has.paid_energy == 10)
    await _back_up(floor)
    await floor.call("POST", f"charges/{outcome['charge_id']}/refund", {})
    await ben.pay(await floor.order(ben, Product.MEGA_PACK_15))
    await floor.operator.see(kim, "nothing left", lambda has: has.paid_energy == 0)
    await floor.operator.see(ben, "15 energy", lambda has: has.paid_energy == 15)
    await kim.pay(await floor.order(kim, Product.PREMIUM_STARTER))
    await floor.operator.see(kim, "premium", lambda has: has.endless)
    async with away(floor, "gameplay"):
        await _restore(floor)
    assert await diffs(floor) == (["not_given", "not_taken_back", "premium_behind"], 3)
    await floor.operator.see(kim, "premium and nothing else", lambda has: has.endless and has.paid_energy == 0)
    await floor.operator.see(ben, "15 energy", lambda has: has.paid_energy == 15)
    assert await even(floor)
    await floor.balanced()


async def test_a_grant_that_payments_never_made_alerts_until_a_person_decides(floor: Floor) -> None:
    kim = await floor.come()
    forged = EntitlementGranted(
        player_id=kim.player_id, grant_id=uuid4(), paid_energy=500, reason="ENERGY_10", granted_at=datetime.now(UTC)
    )
    await _say_as(floor, "payments", [forged])
    await floor.operator.see(kim, "500 energy", lambda has: has.paid_energy == 500)
    for _ in range(2):
        assert await diffs(floor) == (["never_granted"], 0)
    about = {"grant_id": str(forged.grant_id), "player_id": kim.player_id, "note": "nobody sold it"}
    assert await floor.operator.ask("admin.payments.goods.settle", kind="TAKE_BACK", **about) == {
        "settled": True,
        "reason": "",
    }
    await floor.operator.see(kim, "nothing left", lambda has: has.paid_energy == 0)
    assert await even(floor)


async def _texts(player: ScriptedPlayer) -> list[str]:
    return [message.text for message in await player.messages()]


async def _revoked(floor: Floor, player: ScriptedPlayer) -> bool:
    sql = "select count(*) from gameplay.grants where player_id = $1 and revoked_at is not null"
    return bool(await floor.database.fetchval(sql, player.player_id))


async def _back_up(floor: Floor) -> None:
    for table in _RESTORED:
        await floor.database.execute(f"create table public.kept_{table} as select * from gameplay.{table}")


async def _restore(floor: Floor) -> None:
    async with floor.database.transaction():
        await floor.database.execute("set local session_replication_role = replica")
        for table in _RESTORED:
            await floor.database.execute(f"delete from gameplay.{table}")
            sql = f"insert into gameplay.{table} overriding system value select * from public.kept_{table}"
            await floor.database.execute(sql)


async def _say_as(floor: Floor, user: str, events: Sequence[Any]) -> None:
    client = await floor.stack.connect_as(user)
    try:
        for event in events:
            envelope = first_envelope(event, identifier=str(uuid4()), time=datetime.now(UTC), source=user)
            await client.jetstream().publish(subject_of(event), encode(event), headers=envelope.headers())
    finally:
        await client.close()


async def test_owners_tell_their_state_again_with_the_rights_they_have(floor: Floor) -> None:
    """To a service that is to come: its consumers are provisioned, and what they hear waits for it."""
    kim = await floor.come()
    refused = await floor.operator.ask("admin.payments.restate.start", hearer="referrals", what="premium")
    assert (refused["code"], refused["error"].partition(";")[0]) == (400, "hearer: no 'referrals' hears premium")
    await _provision_referrals(floor)
    await kim.pay(await floor.order(kim, Product.PREMIUM_STARTER))
    await floor.operator.see(kim, "premium", lambda has: has.endless)
    for owner, what, event in (
        ("gameplay", "players", "player_restated"),
        ("payments", "purchases", "purchase_restated"),
        ("payments", "premium", "premium_restated"),
    ):
        begun = await floor.operator.ask(f"admin.{owner}.restate.start", hearer="referrals", what=what)
        restated = await until(partial(_restated, floor, owner, begun["id"]))
        assert (restated["told"], restated["skipped"]) == (restated["total"], 0)
        last = await _last(floor, f"{owner.upper()}_EVT", f"{owner}.evt.referrals.{event}")
        assert (last["hearer"], last["player_id"]) == ("referrals", kim.player_id)


async def _provision_referrals(floor: Floor) -> None:
    client = await floor.stack.connect_as("deploy")
    try:
        for stream, subjects in (
            ("GAMEPLAY_EVT", ["gameplay.evt.referrals.player_restated"]),
            ("PAYMENTS_EVT", ["payments.evt.referrals.purchase_restated", "payments.evt.referrals.premium_restated"]),
        ):
            await client.jetstream().add_consumer(stream, durable_name="referrals", filter_subjects=subjects)
    finally:
        await client.close()


async def _restated(floor: Floor, owner: str, identifier: str) -> Any:
    client = await floor.stack.connect_as(floor.operator.operator)
    try:
        subject = f"admin.{owner}.restate.list.{floor.operator.operator}"
        answer = json.loads((await client.request(subject, b"{}", timeout=5)).data)
    finally:
        await client.close()
    return next((one for one in answer["restatements"] if one["id"] == identifier and one["state"] == "done"), None)


async def _last(floor: Floor, stream: str, subject: str) -> Any:
    client = await floor.stack.connect_as("deploy")
    try:
        return json.loads((await client.jetstream().get_last_msg(stream, subject)).data or b"")
    finally:
        await client.close()
