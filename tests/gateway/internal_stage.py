"""The internal API on a port, over a real NATS server that has no owners unless a test brings them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
from nats.aio.client import Client
from pydantic import SecretStr

from actors.asking import Asker
from actors.clock import SystemClock
from actors.engine.publisher import Publisher
from gateway.settings import GatewaySettings
from gateway.web.server import InternalApiServer

TOKEN = "t" * 40
OTHER_TOKEN = "u" * 40
KEY = {"Idempotency-Key": "k-1"}


def settings(**more: Any) -> GatewaySettings:
    given: dict[str, Any] = {
        "nats_url": "nats://nowhere", "postgres_dsn": SecretStr("postgresql://nowhere"), "updates": "polling",
        "bot_token": SecretStr("1:x"), "bot_username": "b", "promo_secret_peppers": SecretStr("pepper of every test"),
        "internal_api_tokens": SecretStr(f"mira:{TOKEN},mira:{OTHER_TOKEN}"), "internal_api_allow": "127.0.0.1",
        **more,
    }  # fmt: skip
    return GatewaySettings(**given)


@asynccontextmanager
async def internal_api(client: Client | None = None, **more: Any) -> AsyncGenerator[aiohttp.ClientSession]:
    """Serve it; the session has the right token. Without a client nothing can be asked, only the document."""
    asker = cast("Any", None)
    if client is not None:
        asker = Asker(client, Publisher(client), clock=SystemClock(), service="gateway")
    server = InternalApiServer(asker, settings(**more))
    await server.start()
    host = "[::1]" if more.get("internal_api_host") == "::1" else "127.0.0.1"
    try:
        async with aiohttp.ClientSession(
            f"http://{host}:{server.port}", headers={"X-Internal-Token": TOKEN}
        ) as session:
            yield session
    finally:
        await server.stop()
