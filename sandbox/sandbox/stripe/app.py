"""Puts the Stripe stand-in together."""

from collections.abc import AsyncGenerator

from aiohttp import web

from sandbox.clock import Clock
from sandbox.event_delivery import Endpoint, EventDelivery
from sandbox.faults.calls import CallFaults
from sandbox.settings import Settings
from sandbox.stripe.api import PREFIX, StripeApi
from sandbox.stripe.book import Book
from sandbox.stripe.calls import CALL_NAMES, Calls
from sandbox.stripe.checkout import Checkout
from sandbox.stripe.disputes import Disputes
from sandbox.stripe.events import Events
from sandbox.stripe.expiry import Expiry
from sandbox.stripe.idempotency import Keys
from sandbox.stripe.json_api import StripeRoutes
from sandbox.stripe.page import CheckoutPage
from sandbox.stripe.refunds import Refunds
from sandbox.stripe.sender import StripeSender


class StripeApp:
    """One account of this Stripe; `book` and `delivery` are there for tests to look into."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        faults = CallFaults(CALL_NAMES)
        self.book = Book(clock)
        patience = settings.retry_scale, settings.webhook_timeout_seconds
        self.delivery = EventDelivery(StripeSender(), clock, faults, *patience)
        if settings.stripe_webhook_url:
            secrets = (settings.stripe_webhook_secret,)
            self.delivery.set_endpoint(Endpoint(settings.stripe_webhook_url, secrets))
        events = Events(self.book, self.delivery)
        checkout, refunds, disputes = (
            Checkout(self.book, events),
            Refunds(self.book, events),
            Disputes(self.book, events),
        )
        self._expiry = Expiry(clock, checkout)
        calls = Calls(self.book, checkout, refunds, self._expiry)
        self._api = StripeApi(settings.stripe_secret_key, calls, Keys(clock), faults)
        self._page = CheckoutPage(self.book, checkout)
        self._scripts = StripeRoutes(self.book, checkout, (refunds, disputes), self.delivery, faults)

    def routes(self) -> list[web.AbstractRouteDef]:
        """The API, the checkout page, and the JSON API."""
        api = web.route("*", PREFIX + "/v1/{path:.*}", self._api.handle)
        return [api, *self._page.routes(), *self._scripts.routes()]

    async def live(self, _app: web.Application) -> AsyncGenerator[None]:
        """For `cleanup_ctx`: stop deliveries and clocks with the server."""
        yield
        await self._expiry.close()
        await self.delivery.close()
