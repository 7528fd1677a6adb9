"""What becomes of a notice by what a provider does: real HTTP against the sandbox's stand-ins and their faults."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from notices import notice

from alerts.channels.generic import GenericChannel
from alerts.channels.pagerduty import PagerDutyChannel
from alerts.channels.posting import retry_after_s
from alerts.channels.slack import SlackChannel
from alerts.domain.notice import Channel, Delivered, Later, Outcome, Refused
from contracts.alerts import NoticeKind
from sandbox.app import Server, assemble
from sandbox.oncall.standins import Standins
from sandbox.settings import Settings as SandboxSettings

KEY = "sandboxsandboxsandboxsandboxsand"
TIMEOUT_SECONDS = 0.5
NAMES = ("generic", "slack", "pagerduty")


@dataclass
class Stage:
    """The stand-ins, and a channel to each."""

    url: str
    standins: Standins
    session: aiohttp.ClientSession
    channels: dict[str, Channel]

    def fail(self, call: str, do: str, **more: Any) -> None:
        self.standins.faults.change({"faults": [{"on": "call", "call": call, "do": do, **more}], "clear": True})

    def arrived(self, name: str) -> int:
        them = self.standins
        if name == "pagerduty":
            return sum(one.triggers for one in them.incidents.all.values())
        return (them.slack.messages if name == "slack" else them.hooks.arrivals).count


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    sandbox = assemble(SandboxSettings(start_players=0))
    server = Server(sandbox)
    await server.start()
    url = f"http://127.0.0.1:{server.port}"
    try:
        async with aiohttp.ClientSession() as session:
            channels = open_all(session, url)
            yield Stage(url, sandbox.oncall.standins, session, channels)
    finally:
        await server.stop()


def open_all(session: aiohttp.ClientSession, url: str, token: str = "sandbox", key: str = KEY) -> dict[str, Channel]:
    patience = {"timeout_seconds": TIMEOUT_SECONDS}
    return {
        "generic": GenericChannel(session, f"{url}/hook/alerts", **patience),
        "slack": SlackChannel(session, f"{url}/slack/services/T0/B0/{token}", **patience),
        "pagerduty": PagerDutyChannel(session, f"{url}/pagerduty/v2/enqueue", key, **patience),
    }


async def deliver(stage: Stage, name: str) -> Outcome:
    return await stage.channels[name].deliver((notice(),))


@pytest.mark.parametrize("name", NAMES)
async def test_delivered(stage: Stage, name: str) -> None:
    assert await deliver(stage, name) == Delivered()
    assert stage.arrived(name) == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("do", ["429", "500", "503", "raw", "cut", "timeout"])
async def test_what_passes_is_for_later(stage: Stage, name: str, do: str) -> None:
    stage.fail(name, do)
    outcome = await deliver(stage, name)
    if (name, do) == ("generic", "cut"):  # its 200 was said; what else the hook says means nothing
        assert isinstance(outcome, Later | Delivered)
    else:
        assert isinstance(outcome, Later)
        assert outcome.after_s is None
        assert outcome.reason
    assert stage.arrived(name) == 0
    stage.standins.faults.clear()
    assert await deliver(stage, name) == Delivered()


@pytest.mark.parametrize("name", NAMES)
async def test_retry_after_is_kept(stage: Stage, name: str) -> None:
    stage.fail(name, "429", retry_after="7")
    assert await deliver(stage, name) == Later(7.0, "HTTP 429: rate_limited")
    stage.fail(name, "503", retry_after="86400000")
    outcome = await deliver(stage, name)
    assert isinstance(outcome, Later)
    assert outcome.after_s == 3600


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413])
async def test_other_4xx_are_refusals(stage: Stage, name: str, status: int) -> None:
    stage.fail(name, "raw", status=status, body="gone\nfor good", content_type="text/plain")
    assert await deliver(stage, name) == Refused(f"HTTP {status}: gone for good")


@pytest.mark.parametrize("name", ["slack", "pagerduty"])
@pytest.mark.parametrize("status", [200, 202, 204, 302, 304])
async def test_a_proxys_page_is_not_the_providers_yes(stage: Stage, name: str, status: int) -> None:
    stage.fail(name, "raw", status=status, body="<html>Sign in</html>", location=f"{stage.url}/hook/alerts")
    assert isinstance(await deliver(stage, name), Later)
    assert stage.arrived("generic") == 0  # and no redirect is followed


async def test_a_generic_hook_says_yes_by_any_2xx_and_redirects_nobody(stage: Stage) -> None:
    for status in (200, 201, 202, 204):
        stage.fail("generic", "raw", status=status, body="<html>thanks</html>")
        assert await deliver(stage, "generic") == Delivered()
    stage.fail("generic", "raw", status=307, body="", location=f"{stage.url}/heartbeat/x")
    assert isinstance(await deliver(stage, "generic"), Later)
    assert stage.standins.hooks.heartbeats == {}


async def test_a_body_without_end_is_not_read_to_its_end(stage: Stage) -> None:
    for name in ("slack", "pagerduty"):
        stage.fail(name, "raw", status=200, body="x" * 65_536)
        assert isinstance(await deliver(stage, name), Later)


@pytest.mark.parametrize("name", NAMES)
async def test_nobody_there(stage: Stage, name: str) -> None:
    for url in ("http://127.0.0.1:9", "http://no-such-host.invalid"):
        outcome = await open_all(stage.session, url)[name].deliver((notice(),))
        assert isinstance(outcome, Later)
        assert url.partition("//")[2] not in outcome.reason


async def test_no_reason_tells_a_secret(stage: Stage) -> None:
    secret = "s3cret-s3cret-s3cret-s3cret-s3cr"
    channels = open_all(stage.session, stage.url, token=secret, key=secret)
    for name in ("slack", "pagerduty"):
        said = f"unknown key {secret} at {stage.url}/slack/services/T0/B0/{secret}"
        stage.fail(name, "raw", status=403, body=said)
        outcome = await channels[name].deliver((notice(),))
        assert isinstance(outcome, Refused)
        assert secret not in outcome.reason


async def test_pagerduty_takes_notices_one_by_one_up_to_the_first_that_fails(stage: Stage) -> None:
    three = tuple(notice(alert_id=f"a-{number}") for number in range(3))
    stage.fail("pagerduty", "503", count=1)
    assert isinstance(await stage.channels["pagerduty"].deliver(three), Later)
    assert stage.arrived("pagerduty") == 0
    assert await stage.channels["pagerduty"].deliver(three) == Delivered()
    assert stage.arrived("pagerduty") == 3


async def test_an_incident_lives_and_ends_with_its_alert(stage: Stage) -> None:
    for kind, status in (
        (NoticeKind.OPENED, "triggered"),
        (NoticeKind.ACKED, "acknowledged"),
        (NoticeKind.REPEATED, "acknowledged"),
        (NoticeKind.RESOLVED, "resolved"),
    ):
        assert await stage.channels["pagerduty"].deliver((notice(kind=kind),)) == Delivered()
        [incident] = stage.standins.incidents.all.values()
        assert incident.status == status
    assert incident.dedup_key == notice().dedup_key


async def test_a_group_is_one_message(stage: Stage) -> None:
    many = tuple(notice(alert_id=f"a-{number}") for number in range(400))
    for name in ("generic", "slack"):
        assert await stage.channels[name].deliver(many) == Delivered()
        assert stage.arrived(name) == 1


async def test_what_hangs_ends_in_time(stage: Stage) -> None:
    stage.fail("slack", "timeout")
    async with asyncio.timeout(TIMEOUT_SECONDS * 4):
        assert await deliver(stage, "slack") == Later(None, "no answer in time")


DATE = "Tue, 01 Dec 2026 00:00:00 GMT"


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        ("30", DATE, 30.0),
        (" 30 ", "", 30.0),
        ("0", DATE, 1.0),
        ("3601", DATE, 3600.0),
        ("9" * 400, DATE, 3600.0),
        ("Tue, 01 Dec 2026 00:02:00 GMT", DATE, 120.0),
        ("Mon, 30 Nov 2026 00:00:00 GMT", DATE, 1.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DATE, 3600.0),
        ("Tue, 01 Dec 2026 00:02:00 GMT", "", None),
        ("Tue, 01 Dec 2026 00:02:00 GMT", "yesterday", None),
        ("", DATE, None),
        ("-5", DATE, None),
        ("1.5", DATE, None),
        ("٣", DATE, None),
        ("soon", DATE, None),
        ("Tue, 99 Foo 2026 00:02:00 GMT", DATE, None),
    ],
)
def test_retry_after(header: str, date: str, seconds: float | None) -> None:
    assert retry_after_s(header, date) == seconds
