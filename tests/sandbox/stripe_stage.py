"""What the tests of the Stripe stand-in share: the official SDK pointed at it, and a signed webhook that listens."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import stripe
from aiohttp import web
from telegram_stage import Stage, until

SECRET = "whsec_sandbox"


class StripeHook:
    """A webhook: answers with the statuses it was told (then 200); keeps what the SDK's own check lets pass."""

    def __init__(self) -> None:
        self.secret = SECRET
        self.events: list[dict[str, Any]] = []
        self.headers: list[str] = []
        self.statuses: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == kind]

    async def wait_for(self, *kinds: str) -> None:
        """Wait until an event of each kind came."""
        await until(lambda: set(kinds) <= set(self.types), str(kinds))

    async def take(self, request: web.Request) -> web.Response:
        body, header = await request.read(), request.headers["Stripe-Signature"]
        stripe.WebhookSignature.verify_header(body, header, self.secret, tolerance=None)
        self.headers.append(header)
        self.events.append(json.loads(body))
        await self.gate.wait()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


class Shop:
    """A merchant: the SDK, the webhook, and the sandbox's scripts."""

    def __init__(self, stage: Stage, client: stripe.StripeClient, hook: StripeHook) -> None:
        self.stage = stage
        self.v1 = client.v1
        self.hook = hook
        self.book = stage.sandbox.stripe.book
        self.delivery = stage.sandbox.stripe.delivery

    async def open(self, amount: int = 499, currency: str = "eur", **more: Any) -> stripe.checkout.Session:
        """A session for one purchase."""
        price = {"currency": currency, "unit_amount": amount, "product_data": {"name": "Premium, 30 Tage"}}
        asked: dict[str, Any] = {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 1}],
            "success_url": "http://shop.test/thanks?session={CHECKOUT_SESSION_ID}",
            "cancel_url": "http://shop.test/back",
            "client_reference_id": "p-1",
            "metadata": {"purchase_id": "p-1"},
            "payment_intent_data": {"metadata": {"purchase_id": "p-1"}},
            **more,
        }
        return await self.v1.checkout.sessions.create_async(cast(Any, asked))

    async def do(self, path: str, **body: Any) -> dict[str, Any]:
        """POST to the scripts' API."""
        return await self.stage.api("POST", f"stripe/{path}", body)

    async def paid(self, how: str = "card", **more: Any) -> dict[str, Any]:
        """A session that was paid → the session."""
        return await self.do(f"sessions/{(await self.open(**more)).id}/pay", how=how)

    async def fault(self, **rule: Any) -> None:
        """One fault rule."""
        await self.do("faults", faults=[rule])

    async def settled(self) -> None:
        """Wait until no delivery is under way."""
        await until(lambda: self.delivery.under_way == 0, "all deliveries done")


@asynccontextmanager
async def open_shop(stage: Stage) -> AsyncGenerator[Shop]:
    """A merchant at a running sandbox."""
    hook = StripeHook()
    app = web.Application()
    app.router.add_post("/webhook/stripe", hook.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    http = stripe.AIOHTTPClient()
    client = stripe.StripeClient(
        stage.sandbox.settings.stripe_secret_key,
        base_addresses={"api": f"{stage.url}/stripe"},
        http_client=http,
        max_network_retries=0,
    )
    shop = Shop(stage, client, hook)
    await shop.do("webhook", url=f"http://127.0.0.1:{runner.addresses[0][1]}/webhook/stripe")
    try:
        yield shop
    finally:
        hook.gate.set()
        await http.close_async()
        await runner.cleanup()
