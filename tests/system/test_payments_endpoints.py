"""Every `admin.payments.*` endpoint through the real processes: it acts once, is audited, and says what is wrong."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import pytest_asyncio
from shopfloor import Floor, until

from contracts.payments import Product, purchase_of
from devstack.scripted_player import ScriptedPlayer
from payments.app import SPEC

pytestmark = pytest.mark.asyncio(loop_scope="session")

_PAID = "message.successful_payment"
_NOBODY = str(uuid4())


class Case(msgspec.Struct):
    """What operators are asked about."""

    player: ScriptedPlayer
    credited: str
    """A purchase of ENERGY_10."""
    in_review: list[str]
    """Two of DUEL_TICKET_5: paid, and never credited."""
    orphan: str
    """A charge without a purchase."""


class Endpoint(msgspec.Struct, frozen=True):
    """How an endpoint is tried: by a request that it serves, and by one that it refuses."""

    request: Callable[[Case], dict[str, Any]]
    holds: Callable[[dict[str, Any]], Any]
    """What its answer must be."""
    wrong: dict[str, Any]
    """Put in place of the good fields."""
    words: str
    """What the refusal names."""


def _of(purchase: Callable[[Case], str]) -> Callable[[Case], dict[str, Any]]:
    return lambda case: {"player_id": case.player.player_id, "purchase_id": purchase(case), "note": "asked for"}


_DUEL = {"product": "DUEL_TICKET_5"}
DOORS = {
    "purchase.show": Endpoint(
        lambda case: {"purchase_id": case.credited},
        lambda answer: answer["found"] and (answer["state"], answer["amount"]) == ("CREDITED", 10),
        {"purchase_id": "4711"},
        "purchase_id",
    ),
    "review.list": Endpoint(
        lambda _: {"limit": 500},
        lambda answer: {case["what"] for case in answer["cases"]} >= {"REVIEW", "ORPHAN"},
        {"limit": 0},
        "limit",
    ),
    "review.credit": Endpoint(
        _of(lambda case: case.in_review[0]),
        lambda answer: answer == {"done": True, "state": "CREDITED", "reason": ""},
        {"note": ""},
        "note",
    ),
    "review.refund": Endpoint(
        _of(lambda case: case.in_review[1]),
        lambda answer: (answer["started"], answer["state"]) == (True, "REFUND_PENDING"),
        {"player_id": 0},
        "player_id",
    ),
    "refund.start": Endpoint(
        _of(lambda case: case.credited),
        lambda answer: (answer["started"], answer["state"]) == (True, "REFUND_PENDING"),
        {"purchase_id": None},
        "purchase_id",
    ),
    "refund.orphan": Endpoint(
        lambda case: {"player_id": case.player.player_id, "charge_id": case.orphan, "note": "bought nothing"},
        lambda answer: (answer["started"], answer["state"]) == (True, "REFUND_PENDING"),
        {"charge_id": ""},
        "charge_id",
    ),
    "premium.grant": Endpoint(
        lambda case: {"player_id": case.player.player_id, "days": 7, "rank": 1, "reason": "our outage"},
        lambda answer: answer["rank"] == 1 and answer["until"],
        {"rank": 5},
        "rank",
    ),
    "catalogue.set_price": Endpoint(
        lambda _: {**_DUEL, "currency": "EUR", "amount": 30},
        lambda answer: answer["changed"] and answer["prices"]["EUR"] == 30,
        {"amount": 0},
        "amount: 0 is no price; use 1–",
    ),
    "catalogue.disable": Endpoint(
        lambda _: dict(_DUEL),
        lambda answer: answer["changed"] and not answer["enabled"],
        {"product": "A_HORSE"},
        "product: there is no 'A_HORSE'; use one of ENERGY_10",
    ),
    "catalogue.enable": Endpoint(
        lambda _: dict(_DUEL),
        lambda answer: answer["changed"] and answer["enabled"],
        {"product": "A_HORSE"},
        "product: there is no 'A_HORSE'; use one of ENERGY_10",
    ),
    "ledger.account": Endpoint(
        lambda case: {"account": f"player:{case.player.player_id}"},
        lambda answer: answer["entries"] and answer["balances"],
        {"account": "player:nobody"},
        "account",
    ),
    "reconciliation.run": Endpoint(
        lambda _: {"full": False}, lambda answer: answer["started"] and answer["run_id"], {"full": "yes"}, "full"
    ),
    "reconciliation.settle": Endpoint(
        lambda case: {"provider": "TELEGRAM", "charge_id": case.orphan, "kind": "ACKNOWLEDGED", "note": "seen"},
        lambda answer: answer == {"settled": True, "amount": 0, "reason": ""},
        {"kind": "FORGOTTEN"},
        "kind: there is no 'FORGOTTEN'; use one of CHARGEBACK, ACKNOWLEDGED",
    ),
    "refund.settle": Endpoint(
        lambda case: {
            "player_id": case.player.player_id,
            "charge_id": case.orphan,
            "outcome": "KEPT",
            "note": "seen",
        },
        # No provider has refused to give it back.
        lambda answer: not answer["settled"] and answer["reason"].startswith("charge_id: "),
        {"outcome": "LOST"},
        "outcome: there is no 'LOST'; use one of RETURNED, KEPT",
    ),
    "gift.settle": Endpoint(
        lambda _: {"gift_id": _NOBODY, "given": True, "note": "seen"},
        # Nobody was given Telegram Premium.
        lambda answer: not answer["settled"] and answer["reason"].startswith("gift_id: "),
        {"given": "yes"},
        "given",
    ),
    "goods.compare": Endpoint(
        lambda _: {"full": False}, lambda answer: answer["started"] and answer["run_id"], {"full": "yes"}, "full"
    ),
    "goods.settle": Endpoint(
        lambda case: {
            "grant_id": _NOBODY,
            "player_id": case.player.player_id,
            "kind": "ACKNOWLEDGED",
            "note": "seen",
        },
        lambda answer: answer == {"settled": True, "reason": ""},
        {"kind": "FORGOTTEN"},
        "kind: there is no 'FORGOTTEN'; use one of",
    ),
    "premium.tell": Endpoint(
        lambda case: {"player_id": case.player.player_id, "note": "restored"},
        lambda answer: answer["told"] and answer["revision"] > 0 and answer["until"],
        {"above": -1},
        "above",
    ),
}
"""In the order they are tried: what one does the next may need."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def case(floor: Floor) -> Case:
    """A player with a purchase, two that were never credited, and money that bought nothing."""
    await floor.operator.ask("admin.payments.catalogue.enable", **_DUEL)
    kim = await floor.come()
    await kim.settle(await floor.order(kim))
    stray = await floor.order(kim, Product.STREAK_SAVER_20)
    await floor.fault("payment", "unasked", chat_id=kim.player_id)
    orphan = (await kim.pay(stray, payload="nobody's"))["charge_id"]
    await until(lambda: floor.charge(orphan))
    in_review = [await _in_review(floor, kim) for _ in range(2)]
    credited = str(await floor.operator.purchase_of(kim, Product.ENERGY_10))
    return Case(kim, credited, in_review, orphan)


async def _in_review(floor: Floor, kim: ScriptedPlayer) -> str:
    """Have a payment written down and never credited, as a crash that no retry could mend would leave it."""
    await floor.fault("update", "drop", kind=_PAID)
    charge_id = (await kim.pay(await floor.order(kim, Product.DUEL_TICKET_5)))["charge_id"]
    (charge,) = [one for one in await floor.charges(kim) if one["charge_id"] == charge_id]
    async with floor.database.transaction():
        await floor.database.execute(_REVIEW, purchase_of(charge["payload"]), charge_id)
        await floor.database.execute(_TAKEN, charge_id)
    return str(purchase_of(charge["payload"]))


_REVIEW = """
update payments.purchases set state = 'REVIEW', reason = 'not credited', charge_id = $2, paid_at = now() where id = $1
"""
_TAKEN = """
insert into payments.charges (id, provider, player_id, purchase_id, state, payload, amount, currency, paid_at,
    recorded_at, problem)
select $1, 'TELEGRAM', player_id, id, 'TAKEN', '', amount, currency, now(), now(), ''
from payments.purchases where charge_id = $1
"""


async def test_every_door_is_tried() -> None:
    assert {f"{endpoint.noun}.{endpoint.verb}" for endpoint in SPEC.actor.admins} == set(DOORS)


@pytest.mark.parametrize("name", DOORS)
async def test_a_door_answers_once_is_written_down_and_names_what_is_wrong(floor: Floor, case: Case, name: str) -> None:
    endpoint, subject = DOORS[name], f"admin.payments.{name}"
    refused = await floor.operator.ask(subject, **{**endpoint.request(case), **endpoint.wrong})
    assert refused["code"] == 400
    assert endpoint.words in refused["error"]
    request_id = uuid4().hex
    asked = {"request_id": request_id, **endpoint.request(case)}
    # At once, so that either process may be asked; and later again.
    first, second = await asyncio.gather(*(floor.operator.ask(subject, **asked) for _ in range(2)))
    assert "error" not in first, first
    assert endpoint.holds(first), first
    assert [second, await floor.operator.ask(subject, **asked)] == [first, first]
    audit = "select operator, answer from payments.audit where request_id like '%:' || $1"
    ((operator, answer),) = await floor.database.fetch(audit, request_id)
    assert (operator, msgspec.json.decode(answer)) == (floor.operator.operator, first)


async def test_what_the_operators_did_came_true_once(floor: Floor, case: Case) -> None:
    kim = case.player
    states = {str(row["id"]): row["state"] for row in await floor.purchases(kim)}
    assert states[case.in_review[0]] == "CREDITED"
    await floor.operator.see(
        kim,
        "one ticket, a week of premium, no energy",
        lambda has: (has.duel_tickets, has.endless, has.paid_energy) == (1, True, 0),
    )
    await floor.balanced()
    states = {str(row["id"]): row["state"] for row in await floor.purchases(kim)}
    assert (states[case.in_review[1]], states[case.credited]) == ("REFUNDED", "REFUNDED")
    assert (await floor.charge(case.orphan))["state"] == "REFUNDED"
    assert await floor.has(f"player:{kim.player_id}") == {"DUEL_TICKET": 1, "PREMIUM_DAYS": 7}


async def test_a_refund_that_hangs_is_on_the_list_whether_it_had_a_purchase_or_not(floor: Floor) -> None:
    kim = await floor.come("Kim")
    invoice = await floor.order(kim)
    await floor.fault("payment", "unasked", chat_id=kim.player_id)
    orphan = (await kim.pay(invoice, payload="nobody's"))["charge_id"]
    await kim.settle(invoice)
    await until(lambda: floor.charge(orphan))
    bought = (await floor.charges(kim))[-1]["charge_id"]
    away = [{"on": "method", "method": "refundStarPayment", "do": "429", "retry_after": 1, "chat_id": kim.player_id}]
    await floor.call("POST", "faults", {"faults": away})
    await floor.operator.refund(kim, Product.ENERGY_10)
    note = {"player_id": kim.player_id, "charge_id": orphan, "note": "bought nothing"}
    await floor.operator.ask("admin.payments.refund.orphan", **note)
    waiting = (await floor.operator.ask("admin.payments.review.list", limit=500))["cases"]
    mine = {one["charge_id"]: one["what"] for one in waiting if one["player_id"] == kim.player_id}
    assert mine == {orphan: "REFUND_PENDING", bought: "REFUND_PENDING"}
    await floor.call("DELETE", "faults")
    await floor.balanced()


async def test_what_is_not_there_is_said(floor: Floor, case: Case) -> None:
    ask = floor.operator.ask
    assert (await ask("admin.payments.purchase.show", purchase_id=_NOBODY))["found"] is False
    stranger = {"player_id": 1, "purchase_id": case.credited, "note": "x"}
    for subject in ("admin.payments.refund.start", "admin.payments.review.refund"):
        answer = await ask(subject, **stranger)
        assert (answer["started"], "admin.payments.purchase.show" in answer["reason"]) == (False, True)
    answer = await ask("admin.payments.review.credit", **stranger)
    assert (answer["done"], "admin.payments.review.list" in answer["reason"]) == (False, True)
    answer = await ask("admin.payments.refund.orphan", player_id=1, charge_id="none", note="x")
    assert (answer["started"], "admin.payments.refund.start" in answer["reason"]) == (False, True)
    for broken, words in (({"request_id": "a b"}, "request_id"), ({"operator": "mira"}, "last part of the subject")):
        refused = await ask("admin.payments.purchase.show", purchase_id=_NOBODY, **broken)
        assert (refused["code"], words in refused["error"]) == (400, True)


async def test_every_door_is_listed_with_its_schema(floor: Floor) -> None:
    info = await floor.operator.ask("$SRV.INFO.payments")
    listed = {one["subject"]: one["metadata"] for one in info["endpoints"]}
    for name, endpoint in DOORS.items():
        metadata = listed[f"admin.payments.{name}.*"]
        schema = msgspec.json.decode(metadata["request_schema"])
        ((definition),) = schema["$defs"].values()
        assert {"request_id", *endpoint.wrong} <= set(definition["properties"]), name
        assert "request_id" in definition["required"]
        assert definition["additionalProperties"] is False
        assert msgspec.json.decode(metadata["response_schema"])["$defs"]
    for query in SPEC.actor.queries:
        assert listed[f"query.payments.{query.name}"].keys() >= {"request_schema", "response_schema"}
