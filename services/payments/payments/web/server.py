"""The web's one port: the checkout page and the endpoint for Stripe's events."""

import math
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from importlib import resources
from urllib.parse import urlsplit

import asyncpg
import structlog
from aiohttp import web

from actors.asking import AskTimeoutError
from actors.engine.publisher import PublishError
from actors.engine.runtime import Dependencies
from actors.token_bucket import Rate
from payments.providers import ProviderUnavailableError
from payments.providers.stripe_client import StripeProvider
from payments.settings import PaymentsSettings
from payments.web import metrics, pages, webhook
from payments.web.checkout import CheckoutPages
from payments.web.forms import FormKey
from payments.web.rate_limiter import RateLimiter, address_of
from payments.web.storefront import Storefront
from payments.web.texts import language_of, voice

LOOKS = Rate(per_second=1.0, burst=60)
TRIES = Rate(per_second=1 / 15, burst=20)
"""Of an address: looking at pages, and sending forms; an order takes two forms."""
_AWAY = (AskTimeoutError, PublishError, ProviderUnavailableError, asyncpg.PostgresError, TimeoutError, OSError)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger()


class WebServer:
    """An entrance: listens while Stripe is switched on."""

    def __init__(self, means: Dependencies, stripe: StripeProvider) -> None:
        settings: PaymentsSettings = means.settings
        storefront = Storefront(means.asker, means.pool, means.clock, stripe, settings.web_url)
        key = FormKey(settings.stripe_api_key.get_secret_value())
        is_secure = settings.web_url.startswith("https://")
        self._pages = CheckoutPages(storefront, key, means.clock, is_secure=is_secure)
        self._door = webhook.StripeWebhook(means.publisher, means.clock, settings.webhook_secrets())
        self._host, self._wanted_port, self._proxies = settings.web_host, settings.web_port, settings.web_proxies
        self._headers = _headers(settings.stripe_checkout_url)
        self._style = resources.files("payments.web").joinpath("static", pages.STYLE).read_bytes()
        self._looks = RateLimiter(LOOKS, means.clock)
        self._tries = RateLimiter(TRIES, means.clock)
        self._runner: web.AppRunner | None = None
        self.port = 0
        """The port it listens on, once started."""

    async def start(self) -> None:
        """Listen; `port` is known afterwards."""
        app = web.Application()
        app.on_response_prepare.append(self._protect)
        app.router.add_post(webhook.PATH, self._door.take)
        app.router.add_get(f"/{pages.STYLE}", self._send_style)
        app.router.add_get("/", self._limited(self._pages.shelf, self._looks))
        app.router.add_get("/order", self._limited(self._pages.order, self._looks))
        app.router.add_post("/check", self._limited(self._pages.check, self._tries))
        app.router.add_post("/buy", self._limited(self._pages.buy, self._tries))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=3)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._wanted_port).start()
        self.port = self._runner.addresses[0][1]
        log.info("web_listening", host=self._host, port=self.port)

    async def stop(self) -> None:
        """Stop listening and finish with who is inside."""
        if self._runner is not None:
            await self._runner.cleanup()

    def obstacle(self) -> str:
        """Return what keeps buyers and Stripe's events out."""
        is_open = self._runner is not None and bool(self._runner.addresses)
        return "" if is_open else "the web checkout does not listen"

    def _limited(self, handler: Handler, limiter: RateLimiter) -> Handler:
        """Let an address in at a measured pace, and turn an outage into a page that says so."""

        async def handle(request: web.Request) -> web.StreamResponse:
            words = voice(language_of(request.headers.get("Accept-Language", "")))
            forwarded = ",".join(request.headers.getall("X-Forwarded-For", []))
            seconds = limiter.wait(address_of(request.remote, forwarded, self._proxies))
            if seconds:
                metrics.CHECKOUTS.labels("too_many").inc()
                text = pages.notice(words, "too-many", seconds=str(seconds))
                return _later(HTTPStatus.TOO_MANY_REQUESTS, text, seconds)
            try:
                return await handler(request)
            except _AWAY as error:
                metrics.CHECKOUTS.labels("busy").inc()
                log.warning("checkout_busy", path=request.path, error=f"{type(error).__name__}: {error}")
                return _later(HTTPStatus.SERVICE_UNAVAILABLE, pages.notice(words, "busy"), 60)

        return handle

    async def _send_style(self, _: web.Request) -> web.Response:
        return web.Response(body=self._style, content_type="text/css", charset="utf-8")

    async def _protect(self, request: web.Request, response: web.StreamResponse) -> None:
        """Nothing here is to be kept by a cache, framed, or able to load anything of others."""
        response.headers.update(self._headers)
        if request.path == f"/{pages.STYLE}":
            response.headers["Cache-Control"] = "public, max-age=300"


def _headers(checkout_url: str) -> dict[str, str]:
    there = urlsplit(checkout_url)
    # Browsers hold a form to its policy through redirects too: Stripe's page must be named.
    policy = (
        f"default-src 'none'; style-src 'self'; form-action 'self' {there.scheme}://{there.netloc}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


def _later(status: HTTPStatus, text: str, seconds: float) -> web.Response:
    headers = {"Retry-After": str(math.ceil(seconds))}
    return web.Response(text=text, content_type="text/html", status=status.value, headers=headers)
