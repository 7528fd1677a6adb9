"""Alerts through the real processes: what goes wrong for real is told by the webhook, once (DOMAIN §10)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from alert_standin import Standin
from alert_words import EXPECTED, PAGERDUTY, SLACK, events
from patience import until

from contracts.envelope import addressed, first_envelope
from contracts.ground import GROUND
from contracts.message import Event, encode, shape_of, subject_of
from contracts.payments import Provider, RecordPayment
from devstack.operator_client import operator_client
from devstack.postgres import FAST
from devstack.stack import Options, Stack

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]
_PATIENCE_SECONDS = 90


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hook() -> AsyncIterator[Standin]:
    async with Standin() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def told_stack(infra_folder: Path, hook: Standin) -> AsyncIterator[Stack]:
    """The whole of Starquiz, whose alerts go to the stand-in."""
    env = {"OPS_ALERT_WEBHOOK_URL": f"{hook.url}/hook", "ALERTS_GROUP_SECONDS": "1"}
    options = Options(data_dir=infra_folder / "told", port=0, postgres_settings=FAST, env=env)
    async with Stack(options) as made:
        yield made


def _sayer(event: Event) -> str:
    return getattr(event, "service", "") if type(event) in GROUND else shape_of(type(event)).owner


async def test_each_event_on_its_owner_s_subject_is_told_once(told_stack: Stack, hook: Standin) -> None:
    """Said twice under one id, as a relay after a crash would, and once more by another cause."""
    now = datetime.now(UTC)
    for event in events(now):
        client = await told_stack.connect_as(_sayer(event))  # NATS lets nobody else say it
        identifier = uuid4().hex
        for name in (identifier, identifier, uuid4().hex):
            subject, headers = addressed(event, first_envelope(event, identifier=name, time=now, source=_sayer(event)))
            await client.jetstream().publish(subject, encode(event), headers={**headers, "Nats-Msg-Id": uuid4().hex})
        await client.close()
    opened = await until(hook.opened, lambda told: len(told) >= len(EXPECTED), seconds=_PATIENCE_SECONDS)
    assert {event.partition("/")[0] for event in opened} >= set(EXPECTED)
    assert set(opened.values()) == {1}
    async with operator_client(told_stack) as operator:
        page = await operator.ask("query.alerts.list", page_size=200)
    counts = {alert["event"]: alert["count"] for alert in page["alerts"] if alert["event"] in EXPECTED}
    assert counts == dict.fromkeys(EXPECTED, 2)
    routed = {alert["event"]: set(alert["channels"]) for alert in page["alerts"] if alert["event"] in EXPECTED}
    assert routed == {event: set(map(str, channels)) for event, (_, _, channels) in EXPECTED.items()}
    await _arrives_at_the_sandbox(told_stack)


async def _arrives_at_the_sandbox(stack: Stack) -> None:
    """What is PagerDuty's and Slack's is there, as severe as it is, once; and nothing else of what was said."""
    paged = {event: str(severity) for event, (severity, _, channels) in EXPECTED.items() if PAGERDUTY in channels}
    chatted = {event for event, (_, _, channels) in EXPECTED.items() if SLACK in channels}
    async with aiohttp.ClientSession(f"{stack.address}sandbox/api/oncall/") as session:
        incidents = await until(
            lambda: _taken(session, "pagerduty"), lambda found: len(found) >= len(paged), seconds=_PATIENCE_SECONDS
        )
        named = [(one["event"]["payload"]["class"], one["severity"], one["triggers"]) for one in incidents]
        assert sorted(named) == sorted((event, severity, 1) for event, severity in paged.items())
        messages = await until(
            lambda: _taken(session, "slack"),
            lambda found: all(event in str(found) for event in chatted),
            seconds=_PATIENCE_SECONDS,
        )
        said = str([one["body"]["text"] for one in messages])
        assert {event: said.count(f"{event}: ") for event in EXPECTED} == {
            event: int(event in chatted) for event in EXPECTED
        }


async def _taken(session: aiohttp.ClientSession, where: str) -> list[dict[str, Any]]:
    async with session.get(where) as answer:
        return await answer.json()


async def test_a_message_that_nobody_can_read_is_told(told_stack: Stack, hook: Standin) -> None:
    """For real: payments puts it aside, says so, and alerts tells."""
    client = await told_stack.connect_as("gateway")
    await client.jetstream().publish("payments.cmd.71.show_shop", b"no JSON", headers={"ce-id": uuid4().hex})
    await client.close()
    wanted = "dead_letter_received/payments:payments.show_shop"
    await until(hook.opened, lambda told: told[wanted] == 1, seconds=_PATIENCE_SECONDS)


async def test_money_that_fits_no_purchase_is_told(told_stack: Stack, hook: Standin) -> None:
    """For real: somebody pays what nobody sold."""
    before = _orphans(hook)
    async with operator_client(told_stack) as operator:
        known = (await operator.ask("query.alerts.list", event="payments_orphan_payment"))["total"]
    client = await told_stack.connect_as("gateway")
    payment = RecordPayment(
        player_id=71, provider=Provider.TELEGRAM, charge_id=f"strange-{uuid4().hex}", payload="nobody sold this",
        amount=7, currency="XTR", paid_at=datetime.now(UTC),
    )  # fmt: skip
    await client.jetstream().publish(subject_of(payment), encode(payment))
    await client.close()
    await until(lambda: _orphans(hook), lambda told: len(told) == len(before) + 1, seconds=_PATIENCE_SECONDS)
    async with operator_client(told_stack) as operator:
        assert (await operator.ask("query.alerts.list", event="payments_orphan_payment"))["total"] == known + 1


def _orphans(hook: Standin) -> set[str]:
    return {alert for alert in hook.opened() if alert.startswith("payments_orphan_payment/")}
