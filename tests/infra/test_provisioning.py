"""`python -m <service> provision`: a service's own streams, consumers and schedules, without the other services."""

import asyncio
import copy
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from nats.aio.client import Client

from actors.deploying.provision import ProvisionError, provision, stream_config
from actors.deploying.provision_command import check_sync_interval
from contracts.gameplay import StreakChanged
from devstack.testbed import NatsEngine
from gameplay.app import SPEC as GAMEPLAY
from payments.__main__ import main as payments
from payments.app import SPEC as PAYMENTS
from promo.app import SPEC as PROMO


@pytest.fixture
def at_nats(nats_server: NatsEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of the deploy step."""
    monkeypatch.setenv("NATS_URL", nats_server.url)


def _streams(nats_url: str) -> list[str]:
    import nats

    async def ask() -> list[str]:
        nc = await nats.connect(nats_url)
        try:
            return sorted(info.config.name or "" for info in await nc.jetstream().streams_info())
        finally:
            await nc.close()

    return asyncio.run(ask())


def test_a_service_is_provisioned_alone_and_says_whose_stream_is_missing(
    at_nats: None, nats_server: NatsEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    from gameplay.__main__ import main as gameplay

    assert payments(["provision"]) == 1
    said = capsys.readouterr().err
    assert "stream GAMEPLAY_EVT of service gameplay is not there yet: run `python -m gameplay provision` first" in said
    assert [name for name in _streams(nats_server.url) if not name.startswith("PAYMENTS_")] == []
    assert "PAYMENTS_EVT" in _streams(nats_server.url)
    assert gameplay(["provision"]) == 0
    for _ in range(2):
        assert payments(["provision"]) == 0
        assert "payments: streams, consumers and schedules are as asked for" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("STREAM_REPLICAS", "2", "STREAM_REPLICAS: "),
        ("STREAM_STORAGE", "tape", "STREAM_STORAGE: "),
        ("STREAM_BYTES_MAX", "0", "STREAM_BYTES_MAX: "),
        ("DEDUP_SECONDS", "0", "DEDUP_SECONDS: "),
        ("EXPECT_SYNC_INTERVAL", "always", "NATS_MONITOR_URL: needed to look at sync_interval"),
        ("NATS_URL", "nats://127.0.0.1:1", "payments: NATS_URL: no connection to nats://127.0.0.1:1"),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    at_nats: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    assert payments(["provision"]) == 1
    assert says in capsys.readouterr().err


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("NATS_URL", raising=False)
    assert payments(["provision"]) == 1
    assert "NATS_URL is not set" in capsys.readouterr().err


async def test_streams_are_made_as_the_settings_say(nats_client: Client) -> None:
    await provision(nats_client, [GAMEPLAY, PAYMENTS], storage="memory", bytes_max=1_000_000, dedup_seconds=7)
    config = (await nats_client.jetstream().stream_info("PAYMENTS_EVT")).config
    assert (config.storage, config.max_bytes, config.duplicate_window) == ("memory", 1_000_000, 7)


async def test_a_consumer_that_hears_more_than_before_the_server_was_restarted_is_made_at_once(
    nats_server: NatsEngine, nats_client: Client
) -> None:
    less = copy.copy(PROMO.actor)
    less.functions = {heard: function for heard, function in less.functions.items() if heard is not StreakChanged}
    unhurried = tuple(one for one in PROMO.unhurried if one is not StreakChanged)
    before = msgspec.structs.replace(PROMO, actor=less, unhurried=unhurried)
    await provision(nats_client, [GAMEPLAY, PAYMENTS, before])
    await asyncio.to_thread(nats_server.restart)
    await provision(nats_client, [GAMEPLAY, PAYMENTS, PROMO])
    info = await nats_client.jetstream().consumer_info("GAMEPLAY_EVT", "promo")
    assert "gameplay.evt.*.streak_changed" in (info.config.filter_subjects or [])


async def test_no_stream_loses_replicas_unless_that_is_said(nats_client: Client) -> None:
    """One server has no more than one to give, so the server's word of what it has is made up."""

    class Three(Client):
        """Says of every stream that it has three replicas."""

        asked: tuple[str, ...] = ()

        async def request(self, subject: str, payload: bytes = b"", **more: Any) -> Any:  # type: ignore[override]
            self.asked = (*self.asked, subject)
            answer = await nats_client.request(subject, payload, **more)
            if ".STREAM.INFO." in subject and b"error" not in answer.data:
                found = json.loads(answer.data)
                found["config"]["num_replicas"] = 3
                answer.data = json.dumps(found).encode()
            return answer

        def jetstream(self, **more: Any) -> Any:
            return nats_client.jetstream(**more)

    await provision(nats_client, [GAMEPLAY, PAYMENTS])
    three = Three()
    with pytest.raises(ProvisionError, match=r"it has 3 replicas, STREAM_REPLICAS asks for 1.*--fewer-replicas"):
        await provision(three, [GAMEPLAY, PAYMENTS])
    assert not any(".STREAM.UPDATE." in subject for subject in three.asked)
    await provision(three, [GAMEPLAY, PAYMENTS], fewer_replicas=True)


@pytest.fixture
def monitor() -> Iterator[tuple[str, dict[str, Any]]]:
    """A server's monitoring port: its address, and what it tells of JetStream."""
    told: dict[str, Any] = {}

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"jetstream": {"config": told}}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", told
    server.shutdown()
    server.server_close()


def test_the_server_s_sync_interval_is_looked_at(monitor: tuple[str, dict[str, Any]]) -> None:
    url, told = monitor
    told["sync_interval"] = 120_000_000_000
    check_sync_interval(url, "2m")
    with pytest.raises(ProvisionError, match="EXPECT_SYNC_INTERVAL: the server's sync_interval is 2m, not always"):
        check_sync_interval(url, "always")
    told["sync_always"] = True
    check_sync_interval(url, "always")
    with pytest.raises(ProvisionError, match="NATS_MONITOR_URL: 'file:///etc'"):
        check_sync_interval("file:///etc", "always")


def test_a_limit_that_nobody_asked_for_is_not_set() -> None:
    assert "max_bytes" not in stream_config(PAYMENTS, "evt", replicas=1)
