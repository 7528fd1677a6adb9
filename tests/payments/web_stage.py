"""Payments with the web switched on: the running service on real NATS and Postgres, and the sandbox's Stripe."""

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from html import unescape
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
from nats.aio.client import Client
from pydantic import SecretStr

from actors.actor import Actor
from actors.clock import SystemClock
from actors.deploying.provision import provision
from actors.engine.runtime import Running, running
from actors.spec import ServiceSpec
from contracts.payments import PurchaseState
from devstack.databases import Database
from devstack.ports import free_port
from payments.app import SPEC, build
from payments.domain.purchase import Purchase
from payments.domain.stripe_events import HANDLED
from payments.settings import PaymentsSettings
from payments.store import catalogue
from payments.store.purchases import PurchaseStore
from sandbox.app import Sandbox, Server, assemble
from sandbox.settings import Settings as SandboxSettings

GAMEPLAY = ServiceSpec(name="gameplay", actor=Actor("gameplay"))
"""Who owns the stream that payments hears of revoked grants from."""
SECRET, OLD_SECRET = "whsec_new", "whsec_old"
NUMBER = 5_512_740_098
GERMAN = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
BRITISH = {"Accept-Language": "en-GB,en;q=0.9"}

SALE = [
    ("house:PROVIDER_CLEARING:STRIPE", "EUR", 69),
    ("house:SALES", "EUR", -69),
    ("house:SALES", "PAID_ENERGY", -10),
    (f"player:{NUMBER}", "PAID_ENERGY", 10),
]
REFUND = [
    ("house:PROVIDER_CLEARING:STRIPE", "EUR", -69),
    ("house:REFUNDS", "EUR", 69),
    ("house:REFUNDS", "PAID_ENERGY", 10),
    (f"player:{NUMBER}", "PAID_ENERGY", -10),
]


class Page:
    """What a browser shows."""

    def __init__(self, status: int, text: str, headers: Any) -> None:
        self.status, self.text, self.headers = status, text, headers

    @property
    def words(self) -> str:
        """What a person reads."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.text)).split())

    def fields(self, action: str) -> dict[str, str]:
        """The hidden fields of a form."""
        form = re.search(rf'<form method="post" action="{action}">(.*?)</form>', self.text, re.DOTALL)
        assert form, self.words
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[1])
        return {name: unescape(value) for name, value in hidden}


class Stage:
    """A buyer's browser, Stripe, and a look behind the counter."""

    def __init__(
        self,
        service: Running,
        nc: Client,
        sandbox: Sandbox,
        base: str,
        page: str,
        pool: "asyncpg.Pool[asyncpg.Record]",
    ) -> None:
        self.service = service
        self.nc = nc
        self.book = sandbox.stripe.book
        self.courier = sandbox.stripe.delivery
        self.base = base
        self.page = page
        self.pool = pool
        self.browser = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))

    # -- a browser ------------------------------------------------------------------------------

    async def get(self, path: str, **headers: str) -> Page:
        async with self.browser.get(self.page + path, headers=headers or GERMAN) as answer:
            return Page(answer.status, await answer.text(), answer.headers)

    async def post(self, path: str, form: dict[str, str], **headers: str) -> Page:
        given = headers or GERMAN
        async with self.browser.post(self.page + path, data=form, headers=given, allow_redirects=False) as answer:
            return Page(answer.status, await answer.text(), answer.headers)

    async def check(self, product: str = "PREMIUM_MONTH", number: str = str(NUMBER), currency: str = "EUR") -> Page:
        """Choose a product → the page with the order."""
        shelf = await self.get(f"/?currency={currency}")
        return await self.post("/check", {**shelf.fields("check"), "product": product, "number": number})

    async def order(self, product: str = "PREMIUM_MONTH", **more: str) -> str:
        """Order a product → the session that waits at Stripe."""
        checked = await self.check(product, **more)
        sent = await self.post("/buy", checked.fields("buy"))
        assert sent.status == 303, sent.words
        return sent.headers["Location"].rpartition("/")[2]

    # -- Stripe ---------------------------------------------------------------------------------

    async def stripe(self, path: str, **body: Any) -> dict[str, Any]:
        async with self.browser.post(f"{self.base}/sandbox/api/stripe/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def hook(self, *secrets: str) -> None:
        """Let Stripe deliver to the endpoint, starting with what waits."""
        await self.stripe("webhook", url=f"{self.page}/webhook/stripe", secrets=secrets or [SECRET])

    async def delivered(self) -> None:
        """Wait until every event that was told has been taken in."""
        await self.until(lambda: _now(self.courier.under_way == 0), "deliveries under way")

    async def heard(self) -> None:
        """Wait until every event has been taken in, heard, and all that followed from it."""
        await self.delivered()
        told = [one for one in self.book.kinds["events"].values() if one["type"] in HANDLED]
        await self.until(lambda: self._is_quiet(len(told)), "quiet")

    async def _is_quiet(self, events: int) -> bool:
        heard = "select count(*) from inbox where id like 'stripe:evt%' and id not like '%/%'"
        if await self.value(heard) != events or await self.value("select count(*) from outbox"):
            return False
        js = self.nc.jetstream()
        return not any([(await js.stream_info(name)).state.messages for name in ("PAYMENTS_MONEY", "PAYMENTS_CMD")])

    async def knock(self, body: bytes, signature: str | None) -> int:
        headers = {} if signature is None else {"Stripe-Signature": signature}
        async with self.browser.post(f"{self.page}/webhook/stripe", data=body, headers=headers) as answer:
            return answer.status

    # -- behind the counter ---------------------------------------------------------------------

    async def purchases(self) -> list[Purchase]:
        async with self.pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch("select id from purchases")
            found = await PurchaseStore().load(connection, [row[0] for row in rows])
        return sorted(found.values(), key=lambda one: one.created_at)

    async def bought(self, session_id: str) -> Purchase:
        wanted = UUID(self.book.get("sessions", session_id)["metadata"]["purchase_id"])
        return next(one for one in await self.purchases() if one.purchase_id == wanted)

    async def becomes(self, session_id: str, state: PurchaseState) -> Purchase:
        """Wait until the purchase of a session is in a state."""

        async def is_so() -> bool:
            return (await self.bought(session_id)).state is state

        await self.until(is_so, f"a purchase that is {state}")
        return await self.bought(session_id)

    async def entries(self, kind: str) -> list[tuple[str, str, int]]:
        """The ledger's entries of transactions of a kind: account, asset, amount."""
        rows = await self.pool.fetch(
            "select e.account, e.asset, e.amount from ledger_entries e join ledger_transactions t"
            " on t.id = e.transaction_id where t.kind = $1 order by e.account, e.asset",
            kind,
        )
        return [tuple(row) for row in rows]

    async def value(self, sql: str, *arguments: Any) -> Any:
        return await self.pool.fetchval(sql, *arguments)

    async def until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        deadline = time.monotonic() + 20
        while not await condition():
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            await asyncio.sleep(0.02)


def signed(body: bytes, *secrets: str, age: float = 0) -> str:
    """A Stripe-Signature header, made `age` seconds ago."""
    at = int(time.time() - age)
    macs = [hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={mac}" for mac in macs)])


async def _now(value: bool) -> bool:
    return value


def web_settings(nats_url: str, dsn: str, base: str, page: str, **more: Any) -> PaymentsSettings:
    given: dict[str, Any] = {
        "nats_url": nats_url,
        "postgres_dsn": SecretStr(dsn),
        "log_level": "error",
        "bot_token": "1:sandbox",
        "telegram_api_url": base,
        "rates_url": f"{base}/rates/eurofxref-daily.xml",
        "stripe_api_key": "sk_test_sandbox",
        "stripe_api_url": f"{base}/stripe",
        "stripe_checkout_url": base,
        "stripe_webhook_secrets": f"{OLD_SECRET}, {SECRET}",
        "web_port": page.rpartition(":")[2],
        "web_url": page,
    }
    return PaymentsSettings(**(given | more))


@asynccontextmanager
async def opened(
    database: Database, nats_url: str, nats_client: Client, pool: "asyncpg.Pool[asyncpg.Record]", **more: Any
) -> AsyncGenerator[Stage]:
    """Open the shop on the web."""
    await provision(nats_client, [SPEC, GAMEPLAY])
    async with pool.acquire() as connection:
        await catalogue.ship(connection)
    sandbox = assemble(SandboxSettings(start_players=0, retry_scale=0.05))
    server = Server(sandbox)
    await server.start()
    base, page = f"http://127.0.0.1:{server.port}", f"http://127.0.0.1:{free_port()}"
    settings = web_settings(nats_url, database.dsn("payments"), base, page, **more)
    try:
        async with running(SPEC, settings, build, clock=SystemClock()) as service:
            stage = Stage(service, nats_client, sandbox, base, page, pool)
            yield stage
            await stage.browser.close()
    finally:
        await server.stop()


async def paid(stage: Stage, product: str = "ENERGY_10", how: str = "card") -> tuple[str, bytes]:
    """A session that was paid while nobody listened → its id, and the event as Stripe posts it."""
    session = await stage.order(product)
    await stage.stripe(f"sessions/{session}/pay", how=how)
    return session, event(stage, "checkout.session.completed")


def event(stage: Stage, kind: str) -> bytes:
    """The newest event of a kind, as it is posted."""
    found = [one for one in stage.book.kinds["events"].values() if one["type"] == kind]
    return json.dumps(found[-1], indent=2).encode()


async def refund(nats_client: Client, purchase: Purchase, request_id: str = "r-1") -> Any:
    """An operator gives the money of a purchase back."""
    request = {
        "request_id": request_id,
        "player_id": purchase.player_id,
        "purchase_id": str(purchase.purchase_id),
        "note": "test",
    }
    answer = await nats_client.request("admin.payments.refund.start.mira", json.dumps(request).encode(), timeout=10)
    return json.loads(answer.data)
