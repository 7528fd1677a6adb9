"""What the tests of the stand-ins for alerts share."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from telegram_stage import Stage, until

KEY = "sandboxsandboxsandboxsandboxsand"
SECRETS = ("pdsec_new", "pdsec_old")


class PagerDutyHook:
    """A webhook: answers with the statuses it was told (then 200); keeps what came, and checks each signature."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def types(self) -> list[str]:
        return [event["event_type"] for event in self.events]

    async def wait_for(self, count: int) -> None:
        """Wait until this many attempts came."""
        await until(lambda: len(self.events) >= count, f"{count} events")

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        macs = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in SECRETS]
        assert request.headers["X-PagerDuty-Signature"] == ",".join(f"v1={mac}" for mac in macs)
        self.headers.append(dict(request.headers))
        self.events.append(json.loads(body)["event"])
        await self.gate.wait()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


class Pager:
    """PagerDuty as its callers and its people see it."""

    def __init__(self, stage: Stage, hook: PagerDutyHook) -> None:
        self.stage = stage
        self.hook = hook
        self.standins = stage.sandbox.oncall.standins

    async def send(self, event: Any) -> tuple[int, dict[str, Any]]:
        """An event → (status, answer)."""
        async with self.stage.http.post("/pagerduty/v2/enqueue", json=event) as answer:
            return answer.status, await answer.json()

    async def trigger(self, dedup_key: str | None = "a-1", **more: Any) -> dict[str, Any]:
        """A trigger that must be taken → the answer."""
        payload = {"summary": "Books differ", "source": "payments", "severity": "critical", **more}
        event = {"routing_key": KEY, "event_action": "trigger", "payload": payload}
        status, answer = await self.send(event if dedup_key is None else {**event, "dedup_key": dedup_key})
        assert status == 202
        return answer

    async def act(self, action: str, dedup_key: str = "a-1") -> tuple[int, dict[str, Any]]:
        """`acknowledge` or `resolve` by an event."""
        return await self.send({"routing_key": KEY, "event_action": action, "dedup_key": dedup_key})

    async def incidents(self) -> list[dict[str, Any]]:
        """As scripts read them."""
        return await self.stage.api("GET", "oncall/pagerduty")

    async def press(self, incident_id: str, action: str) -> dict[str, Any]:
        """Somebody does it at PagerDuty."""
        return await self.stage.api("POST", f"oncall/pagerduty/{incident_id}/{action}", {"by": "Mira"})


@asynccontextmanager
async def open_pager(stage: Stage) -> AsyncGenerator[Pager]:
    """PagerDuty with a webhook that listens."""
    hook = PagerDutyHook()
    app = web.Application()
    app.router.add_post("/webhook/pagerduty", hook.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook/pagerduty"
    await stage.api("POST", "oncall/pagerduty/webhook", {"url": url, "secrets": list(SECRETS)})
    try:
        yield Pager(stage, hook)
    finally:
        hook.gate.set()
        await runner.cleanup()
