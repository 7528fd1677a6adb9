"""`docs/operators.md`, played against a whole Starquiz: every command is run, and its output has the page's shape.

STARQUIZ_RECORD=1 writes what was printed into the page instead of comparing.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import aiohttp
import asyncpg
import pytest
import pytest_asyncio
from recording import Played, rewritten, shape, steps
from shopfloor import price_tag, until

from contracts.payments import Product
from devstack.operator_client import OperatorClient, approved, operator_client
from devstack.postgres import FAST
from devstack.promo_codes import made_at_once
from devstack.roles import DATABASE
from devstack.scripted_player import ScriptedPlayer
from devstack.stack import Options, Stack

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE: Final = Path(__file__).parents[2] / "docs/operators.md"
_APPROVAL: Final = "019d3ab0-7c1e-7a2b-8d3f-0a1b2c3d4e5f"
_ANNA, _FRIEND, _PURCHASE = "66395038001", "66395038002", "019d3ab0-3dae-791d-9d1e-819decaf1d42"
"""What the page calls them."""
_SECONDS: Final = 60


class Office:
    """A Starquiz in which something has happened for an operator to look after."""

    def __init__(self, stack: Stack, database: "asyncpg.Connection[Any]", operator: OperatorClient) -> None:
        self.stack = stack
        self.database = database
        self.operator = operator
        self.player: ScriptedPlayer
        self.anna = 0
        self.friend = 0
        self.purchase = ""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(infra_folder: Path) -> AsyncIterator[Office]:
    env = {"IN_FLIGHT_SECONDS": "0.2", "GOODS_IN_FLIGHT_SECONDS": "0.2"}  # then it is compared at once
    options = Options(
        data_dir=infra_folder / "office", port=0, postgres_settings=FAST, operators=("mira", "ben"), env=env
    )
    async with Stack(options) as stack, operator_client(stack, "ben") as operator:
        database = await asyncpg.connect(stack.postgres.dsn(DATABASE))
        async with aiohttp.ClientSession(stack.address) as session:
            made = Office(stack, database, operator)
            await _lose_a_payment(made, session)
            await _make_a_campaign(made)
            await _lay_a_letter_aside(made)
            await _suspect_a_referral(made, session)
            yield made
        await database.close()


async def _lose_a_payment(office: Office, session: aiohttp.ClientSession) -> None:
    """Anna pays, and Telegram's word of it never arrives."""
    anna = await ScriptedPlayer.come(session, "Anna", "de")
    anna.patience_seconds = _SECONDS
    await anna.ask("/start")
    invoice = await anna.order(await anna.ask("/shop"), Product.ENERGY_10)
    lost = {"on": "update", "do": "drop", "count": 1, "kind": "message.successful_payment"}
    async with session.post("/sandbox/api/faults", json={"faults": [lost]}) as answer:
        assert answer.ok
    assert (await anna.pay(invoice))["paid"]
    office.player, office.anna = anna, anna.player_id
    bought = "select id::text from payments.purchases where player_id = $1"
    office.purchase = await office.database.fetchval(bought, anna.player_id)


async def _make_a_campaign(office: Office) -> None:
    words = {"name": "spring-2026", "type": "PERCENT_DISCOUNT", "percent": 20}
    assert (await office.operator.ask("admin.promo.campaign.create", **words))["done"]


async def _lay_a_letter_aside(office: Office) -> None:
    """Something was sent to gameplay that cannot be read; it is mended since, so a replay handles it."""
    gateway = await office.stack.connect_as("gateway")
    subject = f"gameplay.cmd.{office.anna}.stop_game"
    await gateway.jetstream().publish(subject, b'{"player_id": "x"}', headers={"ce-id": "page-1"})
    await gateway.close()
    await until(lambda: office.database.fetchval("select count(*) from gameplay.dead_letters"), seconds=_SECONDS)
    mended = json.dumps({"player_id": office.anna}).encode()
    await office.database.execute("update gameplay.dead_letters set body = $1", mended)


async def _suspect_a_referral(office: Office, session: aiohttp.ClientSession) -> None:
    """A friend of Anna's came, and a rule finds the referral odd."""
    anna_code = "ABCDEF"
    await until(lambda: _has_code(office, anna_code), seconds=_SECONDS)
    friend = await ScriptedPlayer.come(session, "Finn", "en")
    await friend.ask(f"/start ref_{anna_code}")
    office.friend = friend.player_id
    seen = "select state = 'STARTED' from referrals.referrals where player_id = $1"
    await until(lambda: office.database.fetchval(seen, office.friend), seconds=_SECONDS)
    found = (
        "update referrals.referrals set state = 'REJECTED_FRAUD', rule = 'velocity', score = 80 where player_id = $1"
    )
    await office.database.execute(found, office.friend)


async def _has_code(office: Office, code: str) -> bool:
    given = "update referrals.members set code = $2 where player_id = $1 returning true"
    return bool(await office.database.fetchval(given, office.anna, code))


async def test_every_command_of_the_page_does_what_the_page_shows(office: Office) -> None:
    page = PAGE.read_text(encoding="utf-8")
    environment = {"DATA_DIR": str(office.stack.folder), "STARQUIZ_OPERATOR": "mira"}
    environment["XDG_CACHE_HOME"] = str(office.stack.folder / "cache")
    played, printed = Played(environment), list[str]()
    played.meet(_ANNA, str(office.anna))
    played.meet(_FRIEND, str(office.friend))
    played.meet(_PURCHASE, office.purchase)
    for step in steps(page):
        output = await played.play(step)
        if "amount 999" in step.command:
            played.meet(_APPROVAL, await office.database.fetchval("select id::text from payments.approvals"))
        printed.append(played.as_written(output))
        if "reconciliation run" in step.command:
            await _until_credited(office)
        if not os.environ.get("STARQUIZ_RECORD"):
            played.learn(step, output)
            assert shape(output) == shape(step.output), f"$ {step.command}\n{output}"
    if os.environ.get("STARQUIZ_RECORD"):
        PAGE.write_text(rewritten(page, printed), encoding="utf-8")
    await _all_is_done(office)


async def _until_credited(office: Office) -> None:
    credited = "select state = 'CREDITED' from payments.purchases where player_id = $1"
    await until(lambda: office.database.fetchval(credited, office.anna), seconds=_SECONDS)
    got = "select count(*) from gameplay.journal where player_id = $1"
    await until(lambda: office.database.fetchval(got, office.anna), seconds=_SECONDS)


async def _all_is_done(office: Office) -> None:
    """What the page says was done, was done, and by mira."""

    async def found(sql: str, *arguments: Any) -> Any:
        return await until(lambda: office.database.fetchval(sql, *arguments), seconds=_SECONDS)

    await found("select state = 'REFUNDED' from payments.purchases where player_id = $1", office.anna)
    await found("select status = 'PAUSED' from promo.campaigns where name = 'spring-2026'")
    await found("select state = 'replayed' from gameplay.dead_letters")
    price = (
        "select amount = $2 from payments.prices where product = $1 and currency = 'XTR' order by version desc limit 1"
    )
    await found(price, "MEGA_PACK_15", 16)
    await found(price, "PREMIUM_YEAR", 999)
    await found("select state <> 'REJECTED_FRAUD' from referrals.referrals where player_id = $1", office.friend)
    await found("select count(*) = 1 from alerts.silences where event = 'dead_letter_received' and author = 'mira'")
    by_mira = await office.database.fetch("select subject from payments.audit where operator = 'mira' order by at")
    asked = [row[0].rpartition(".")[2] for row in by_mira]
    assert asked == ["reconcile_books", "refund_purchase", "list", "set_price", "set_price", "set_price"]


async def test_a_large_refund_waits_for_a_second_operator(office: Office) -> None:
    """At the price that the page has set: 999 Stars."""
    anna, ben = office.player, office.operator
    anchor = max(message.message_id for message in await anna.messages())
    await anna.post("tap", {"message_id": anchor, "data": price_tag(Product.PREMIUM_YEAR), "force": True})
    await anna.settle(await anna.wait("an invoice", lambda one: one.invoice is not None and not one.invoice.paid))
    purchase = await ben.purchase_of(anna, Product.PREMIUM_YEAR)
    words = {"player_id": anna.player_id, "purchase_id": str(purchase), "note": "asked for"}
    held = await ben.ask("admin.payments.refund.start", **words)
    assert (held["waits_for_approval"], "999 XTR" in held["reason"]) == (True, True)
    state = "select state from payments.purchases where id = $1"
    assert await office.database.fetchval(state, purchase) == "CREDITED"
    own = await ben.ask("admin.payments.approval.approve", approval_id=held["approval_id"])
    assert own["code"] == 403
    assert await office.database.fetchval(state, purchase) == "CREDITED"
    assert (await approved(office.stack, "payments", held))["started"] is True
    refunded = "select state = 'REFUNDED' from payments.purchases where id = $1"
    await until(lambda: office.database.fetchval(refunded, purchase), seconds=_SECONDS)


async def _starquiz(office: Office, *words: str) -> tuple[int, str]:
    """Run the tool as mira; returns its exit code and what it printed on standard output."""
    folder = office.stack.folder
    known = {"DATA_DIR": str(folder), "STARQUIZ_OPERATOR": "mira", "XDG_CACHE_HOME": str(folder / "cache")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starquiz", *words),
        env={**os.environ, **known},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), _SECONDS)
    return process.returncode or 0, printed.decode()


async def test_a_code_is_found_by_what_is_typed_and_nothing_of_it_is_shown(office: Office) -> None:
    code, batch_id = await made_at_once(office.stack, "spring-2026")
    answered, printed = await _starquiz(office, "find", f" {code.lower()}", "--json")
    (found,) = json.loads(printed)
    assert (answered, found["service"], found["kind"], found["state"]) == (0, "gateway", "code", "in use")
    assert found["details"] == f"spring-2026, batch {batch_id}, used 0, reserved 0"
    assert code not in printed.upper()
    answered, printed = await _starquiz(office, "find", found["id"], "--json")
    assert (answered, [one["kind"] for one in json.loads(printed)]) == (0, ["code"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("find", "nobody-at-all"), 1),
        (("gameplay", "player", "show", "--player-id", "7"), 1),
        (("payments", "refund", "start", "--player-id", "7"), 2),
        (("dead", "drop", "gameplay", "7"), 2),
        (("--server", "nats://127.0.0.1:1", "jobs"), 3),
    ],
)
async def test_a_script_sees_what_became_of_it(office: Office, words: tuple[str, ...], code: int) -> None:
    assert (await _starquiz(office, *words))[0] == code
