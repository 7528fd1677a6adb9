"""A real event through the real processes to the stand-ins' page, and what people do there back again (DOMAIN §10)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from shopfloor import until

from contracts.envelope import addressed, first_envelope
from contracts.message import encode
from contracts.payments import Provider, ReconciliationDiffDetected
from devstack.operator_client import OperatorClient, operator_client
from devstack.postgres import FAST
from devstack.stack import Options, Stack

SECONDS = 60
"""What a busy machine may take."""
EVENT = "payments_reconciliation_diff_detected"


class Desk:
    """Alerts as operators and people at the stand-ins meet it."""

    def __init__(self, stack: Stack, operator: OperatorClient, http: aiohttp.ClientSession) -> None:
        self.stack, self.operator, self.http = stack, operator, http

    async def books_differ(self) -> None:
        """Payments says so."""
        event = ReconciliationDiffDetected(
            run_id=uuid4(),
            provider=Provider.TELEGRAM,
            full=True,
            diffs=("charge tx-1 <here> & not there",),
            diff_count=1,
            at=datetime.now(UTC),
        )
        envelope = first_envelope(event, identifier=uuid4().hex, time=event.at, source="payments")
        subject, headers = addressed(event, envelope)
        payments = await self.stack.connect_as("payments")
        await payments.jetstream().publish(subject, encode(event), headers=headers)
        await payments.close()

    async def arrived(self, where: str) -> list[dict[str, Any]]:
        """What one stand-in took of this event."""
        async with self.http.get(f"/sandbox/api/oncall/{where}") as answer:
            return [one for one in await answer.json() if EVENT in str(one)]

    async def incident(self) -> dict[str, Any]:
        """The newest."""
        return (await self.arrived("pagerduty"))[-1]

    async def press(self, action: str) -> None:
        """Somebody uses the button on the page."""
        async with self.http.post(f"/alerts/pagerduty/{(await self.incident())['id']}/{action}") as answer:
            assert answer.status == 200

    async def alert(self) -> dict[str, Any]:
        """The newest alert of this event."""
        page = await self.operator.ask("query.alerts.list", event=EVENT, is_open=False)
        return page["alerts"][0] if page["alerts"] else {"state": None}

    async def becomes(self, state: str) -> dict[str, Any]:
        """Wait until the alert stands so."""

        async def so() -> bool:
            return (await self.alert())["state"] == state

        await until(so, lambda: f"no alert that is {state}", seconds=SECONDS)
        return await self.alert()

    async def incident_becomes(self, status: str) -> dict[str, Any]:
        """Wait until the newest incident stands so."""

        async def so() -> bool:
            return bool(found := await self.arrived("pagerduty")) and found[-1]["status"] == status

        await until(so, lambda: f"no incident that is {status}", seconds=SECONDS)
        return await self.incident()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    options = Options(data_dir=tmp_path, port=0, postgres_settings=FAST)
    async with (
        Stack(options) as stack,
        operator_client(stack) as operator,
        aiohttp.ClientSession(stack.address) as http,
    ):
        yield Desk(stack, operator, http)


async def test_what_people_are_told_and_what_they_do(desk: Desk) -> None:
    await desk.books_differ()
    for where in ("pagerduty", "slack", "generic"):

        async def there(where: str = where) -> bool:
            return bool(await desk.arrived(where))

        await until(there, lambda where=where: f"nothing came to {where}", seconds=SECONDS)
        assert len(await desk.arrived(where)) == 1
    incident = await desk.incident()
    assert (incident["severity"], incident["status"], incident["triggers"]) == ("critical", "triggered", 1)
    async with desk.http.get("/alerts") as answer:
        page = await answer.text()
    assert "🔴 CRITICAL" in page
    assert page.count("charge tx-1 &lt;here&gt; &amp; not there") >= 2  # at PagerDuty and in Slack

    await desk.press("acknowledge")
    assert (await desk.becomes("ACKED"))["acked_by"] == "pagerduty: Robin"
    alert_id = (await desk.alert())["alert_id"]
    assert (await desk.operator.ask("admin.alerts.alert.resolve", alert_id=alert_id, note="mended"))["done"]
    resolved = await desk.incident_becomes("resolved")
    assert [line["what"] for line in resolved["log"]] == ["triggered", "acknowledged", "resolved"]

    await desk.books_differ()
    again = await desk.incident_becomes("triggered")
    assert again["dedup_key"] != resolved["dedup_key"]
    await desk.press("resolve")
    assert (await desk.becomes("RESOLVED"))["resolved_by"] == "pagerduty: Robin"

    async def beats() -> bool:
        async with desk.http.get("/sandbox/api/oncall/heartbeats") as answer:
            return "alerts" in await answer.json()

    await until(beats, lambda: "no heartbeat", seconds=SECONDS)
