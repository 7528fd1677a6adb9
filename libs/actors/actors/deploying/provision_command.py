"""`python -m <service> provision`: one service's deploy step, as the NATS user `deploy`. Needs no other service."""

import asyncio
import json
import sys
import urllib.request
from typing import Annotated, Any, Final, Literal

import nats
import nats.errors
from nats.aio.client import Client
from pydantic import Field, SecretStr

from actors.deploying.permissions import deployer
from actors.deploying.provision import ProvisionError, provision
from actors.settings import EnvironmentSettings
from actors.spec import ServiceSpec

_CONNECT_SECONDS: Final = 10


class ProvisionSettings(EnvironmentSettings):
    """What `provision` needs."""

    nats_url: str = Field(description="nats://host:port, several separated by commas")
    nats_nkey_seed: SecretStr = Field(default=SecretStr(""), description="of the user `deploy`; empty: no login")
    stream_replicas: Literal[1, 3, 5] = Field(default=1, description="servers that keep each stream")
    stream_storage: Literal["file", "memory"] = "file"
    stream_bytes_max: Annotated[int, Field(ge=1)] | None = Field(default=None, description="of each stream")
    dedup_seconds: float = Field(default=120, ge=0.1, le=3600, description="JetStream's dedup window")
    expect_sync_interval: str = Field(
        default="",
        description="what jetstream.sync_interval must be on the server: `always`, `2m`; empty: not looked at",
    )
    nats_monitor_url: str = Field(default="", description="http://host:8222, where the server tells of itself")


def provision_service(spec: ServiceSpec, *, fewer_replicas: bool = False) -> int:
    """Make a service's own streams, consumers and schedules; returns the exit code.

    What is wrong is said on standard error, with the field's name. Raises SettingsError.
    """
    settings = ProvisionSettings()  # pyright: ignore[reportCallIssue]
    try:
        asyncio.run(_provision(spec, settings, fewer_replicas=fewer_replicas))
    except (ProvisionError, OSError, nats.errors.Error) as error:
        sys.stderr.write(f"{spec.name}: {str(error) or type(error).__name__}\n")
        return 1
    sys.stdout.write(f"{spec.name}: streams, consumers and schedules are as asked for\n")
    return 0


async def _provision(spec: ServiceSpec, settings: ProvisionSettings, *, fewer_replicas: bool) -> None:
    if settings.expect_sync_interval:
        await asyncio.to_thread(check_sync_interval, settings.nats_monitor_url, settings.expect_sync_interval)
    nc = await _connect(spec.name, settings)
    try:
        await provision(
            nc,
            [spec],
            replicas=settings.stream_replicas,
            dedup_seconds=settings.dedup_seconds,
            storage=settings.stream_storage,
            bytes_max=settings.stream_bytes_max,
            fewer_replicas=fewer_replicas,
        )
    except TimeoutError as error:
        raise ProvisionError("JetStream does not answer: is NATS_NKEY_SEED the user deploy's?") from error
    finally:
        await nc.close()


async def _connect(service: str, settings: ProvisionSettings) -> Client:
    connecting = nats.connect(
        settings.nats_url.split(","),
        name=f"{service}/provision",
        nkeys_seed_str=settings.nats_nkey_seed.get_secret_value() or None,
        inbox_prefix=deployer().inbox_prefix.encode(),
        connect_timeout=_CONNECT_SECONDS,
        max_reconnect_attempts=1,
        reconnect_time_wait=1,
        error_cb=_quiet,
    )
    try:
        return await asyncio.wait_for(connecting, _CONNECT_SECONDS)
    except (OSError, nats.errors.Error) as error:
        why = str(error) or type(error).__name__
        raise ProvisionError(f"NATS_URL: no connection to {settings.nats_url}: {why}") from error


async def _quiet(_: Exception) -> None:
    """Say nothing: what is wrong is raised in the end."""


def check_sync_interval(monitor_url: str, expected: str) -> None:
    """Raise ProvisionError unless the server syncs as often as expected, which JetStream does not tell its clients."""
    if not monitor_url:
        raise ProvisionError("NATS_MONITOR_URL: needed to look at sync_interval; or leave EXPECT_SYNC_INTERVAL out")
    if not monitor_url.startswith(("http://", "https://")):
        raise ProvisionError(f"NATS_MONITOR_URL: {monitor_url!r} is no address such as http://nats:8222")
    try:
        with urllib.request.urlopen(f"{monitor_url.rstrip('/')}/varz", timeout=_CONNECT_SECONDS) as answer:  # noqa: S310
            config: dict[str, Any] = json.load(answer)["jetstream"]["config"]
    except (OSError, ValueError, KeyError) as error:
        raise ProvisionError(f"NATS_MONITOR_URL: {monitor_url}/varz does not tell of JetStream ({error})") from error
    found = "always" if config.get("sync_always") else _duration(int(config.get("sync_interval", 0)))
    if found != expected:
        raise ProvisionError(f"EXPECT_SYNC_INTERVAL: the server's sync_interval is {found}, not {expected}")


def _duration(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    if rest:
        return f"{nanoseconds // 1_000_000}ms"
    return f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"
