"""This Stripe over the sandbox's JSON API: what buyers, their banks and the dashboard do."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.event_delivery import EventDelivery
from sandbox.faults.calls import CallFaults
from sandbox.json_api.endpoint import endpoint_of, endpoint_view
from sandbox.json_api.fields import FieldError, answer, body_fields, body_object, query_number
from sandbox.stripe import checkout, disputes, refunds
from sandbox.stripe.book import Book, Json
from sandbox.stripe.errors import StripeError
from sandbox.stripe.events import shown
from sandbox.stripe.refunds import paid_charge

PATH = "/sandbox/api/stripe"
LISTED_MAX = 1_000_000
Handler = Callable[[web.Request], Awaitable[web.Response]]


class StripeRoutes:
    """Handlers of /sandbox/api/stripe…"""

    def __init__(
        self,
        book: Book,
        shop: checkout.Checkout,
        money: tuple[refunds.Refunds, disputes.Disputes],
        delivery: EventDelivery,
        faults: CallFaults,
    ) -> None:
        self._book = book
        self._checkout = shop
        self._refunds, self._disputes = money
        self._delivery = delivery
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        post: dict[str, Handler] = {
            "/webhook": self.set_webhook,
            "/faults": self.set_faults,
            "/sessions/{id}/pay": self.pay,
            "/sessions/{id}/settle": self.settle,
            "/sessions/{id}/fail": self.fail,
            "/sessions/{id}/expire": self.expire,
            "/charges/{id}/refund": self.refund,
            "/charges/{id}/dispute": self.dispute,
            "/disputes/{id}/close": self.close_dispute,
            "/refunds/{id}/settle": self.settle_refund,
            "/events/{id}/redeliver": self.redeliver,
        }
        return [
            web.get(PATH, self.overview),
            web.delete(PATH + "/webhook", self.drop_webhook),
            web.get(PATH + "/faults", self.show_faults),
            web.delete(PATH + "/faults", self.clear_faults),
            web.get(PATH + "/{kind}", self.list),
            *(web.post(PATH + path, _in_stripes_words(handler)) for path, handler in post.items()),
        ]

    async def overview(self, _request: web.Request) -> web.Response:
        """→ {webhook, counts, balance, waiting}: `balance` is net per currency, `waiting` the deliveries not done."""
        self._checkout.sweep()
        counts = {kind: len(found) for kind, found in self._book.kinds.items()}
        found = self._book.balance()
        waiting = self._delivery.under_way
        return answer({"webhook": self._webhook(), "counts": counts, "balance": found, "waiting": waiting})

    async def list(self, request: web.Request) -> web.Response:
        """Every object of a kind, oldest first; `?limit=` and `?offset=` cut the list."""
        self._checkout.sweep()
        kind = request.match_info["kind"]
        if kind not in self._book.kinds:
            raise FieldError("(path)", f"nothing called {kind!r}", f"ask for one of {', '.join(self._book.kinds)}")
        offset, limit = (int(query_number(request, name, given, LISTED_MAX)) for name, given in _CUT)
        found = list(self._book.kinds[kind].values())[offset : offset + limit]
        return answer([self._told(entry) for entry in found])

    async def set_webhook(self, request: web.Request) -> web.Response:
        """{url, secrets?, events?}: deliver there from now on, starting with what waits."""
        known = self._delivery.endpoint
        self._delivery.set_endpoint(endpoint_of(await body_object(request), known, "whsec_sandbox"))
        return answer({"webhook": self._webhook()})

    async def drop_webhook(self, _request: web.Request) -> web.Response:
        """No webhook any more; events wait."""
        self._delivery.set_endpoint(None)
        return answer({"webhook": None})

    async def set_faults(self, request: web.Request) -> web.Response:
        """Add rules: `{faults: […], seed?, clear?}`; all or nothing when a rule is wrong."""
        self._faults.change(await body_object(request))
        return answer(self._faults.view())

    async def show_faults(self, _request: web.Request) -> web.Response:
        """The active rules with their hits."""
        return answer(self._faults.view())

    async def clear_faults(self, _request: web.Request) -> web.Response:
        """No faults."""
        self._faults.clear()
        return answer(self._faults.view())

    async def pay(self, request: web.Request) -> web.Response:
        """{how?: card | later | declined} → the session."""
        fields = await body_fields(request, "how")
        return self._say(self._checkout.pay(_id(request), fields.choice("how", checkout.HOWS, "card")))

    async def settle(self, request: web.Request) -> web.Response:
        """The bank pays what was promised → the session."""
        return self._say(self._checkout.settle(_id(request)))

    async def fail(self, request: web.Request) -> web.Response:
        """The bank does not pay what was promised → the session."""
        return self._say(self._checkout.fail(_id(request)))

    async def expire(self, request: web.Request) -> web.Response:
        """End an open session → the session."""
        return self._say(self._checkout.expire(_id(request)))

    async def refund(self, request: web.Request) -> web.Response:
        """{amount?, reason?, pending?} for a charge or payment intent: a refund from the dashboard → the refund."""
        fields = await body_fields(request, "amount", "reason", "pending")
        amount = fields.integer("amount", 1, 99_999_999, None)
        reason = fields.choice("reason", refunds.REASONS, None)
        pending = fields.flag("pending", default=False) if "pending" in fields else None
        return self._say(self._refunds.make(self._charge(request), amount, reason, pending=pending))

    async def dispute(self, request: web.Request) -> web.Response:
        """{reason?} for a charge or payment intent → the dispute."""
        fields = await body_fields(request, "reason")
        reason = fields.choice("reason", disputes.REASONS, "fraudulent")
        return self._say(self._disputes.open(self._charge(request), reason))

    async def close_dispute(self, request: web.Request) -> web.Response:
        """{outcome: won | lost} → the dispute."""
        fields = await body_fields(request, "outcome")
        return self._say(self._disputes.close(_id(request), fields.choice("outcome", disputes.OUTCOMES)))

    async def settle_refund(self, request: web.Request) -> web.Response:
        """{outcome: succeeded | failed} for a pending refund → the refund."""
        fields = await body_fields(request, "outcome")
        return self._say(self._refunds.settle(_id(request), fields.choice("outcome", refunds.OUTCOMES)))

    async def redeliver(self, request: web.Request) -> web.Response:
        """Send an event once more → the event."""
        event = self._book.get("events", _id(request))
        self._delivery.redeliver(event)
        return self._say(event)

    def _charge(self, request: web.Request) -> Json:
        wanted = _id(request)
        by_intent = wanted.startswith("pi_")
        return paid_charge(self._book, None if by_intent else wanted, wanted if by_intent else None)

    def _say(self, entry: Json) -> web.Response:
        return answer(self._told(entry))

    def _told(self, entry: Json) -> Json:
        delivery = self._delivery.deliveries.get(entry["id"])
        return shown(entry) if delivery is None else {**entry, "delivery": delivery.view()}

    def _webhook(self) -> Json | None:
        return endpoint_view(self._delivery.endpoint)


_CUT = (("offset", 0), ("limit", LISTED_MAX))


def _id(request: web.Request) -> str:
    return request.match_info["id"]


def _in_stripes_words(handler: Handler) -> Handler:
    """A refusal of this Stripe as `{error, remedy}`: 404 for an unknown id, 409 for what cannot be done now."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except StripeError as problem:
            remedy = f"GET {PATH}/sessions (charges, refunds, …) shows how things are"
            return answer({"error": problem.message, "remedy": remedy}, 404 if problem.status == 404 else 409)

    return handle
