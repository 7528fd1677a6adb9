"""Admin requests that another service makes for a person whom it has authenticated (decision 0017).

They come on a subject with one token more, `admin.<service>.<noun>.<verb>.<voucher>.<person>`, on which NATS lets only
the service that vouches publish; both names stand in the audit. Who looks for endpoints does not see them: they are for
services.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.micro.request import Request

from contracts.subjects import admin_subject, endpoint_in, vouched_subject

_ADMIN: Final = "admin."
_QUEUE: Final = "q"
"""As the endpoints' own: one replica answers."""

Handle = Callable[[Request], Awaitable[None]]


class VouchedRequests:
    """One subscription for all admin endpoints of a service; each request goes where an operator's would."""

    def __init__(self, nc: Client, service: str) -> None:
        """Nothing is heard yet."""
        self._nc = nc
        self._subject = vouched_subject(admin_subject(service, "*", "*").removesuffix(".*"), "*")
        self._handlers: dict[str, Handle] = {}
        self._subscription: Subscription | None = None

    def add(self, endpoint: str, handle: Handle) -> None:
        """Have requests at `admin.<service>.<noun>.<verb>` handled; a query is asked without anybody's name."""
        if endpoint.startswith(_ADMIN):
            self._handlers[endpoint] = handle

    async def start(self) -> None:
        """Listen."""
        self._subscription = await self._nc.subscribe(self._subject, queue=_QUEUE, cb=self._heard)

    async def stop(self) -> None:
        """Hear no more; who is not answered gets no answer and asks again."""
        if self._subscription is not None:
            await self._subscription.unsubscribe()

    async def _heard(self, msg: Msg) -> None:
        request, endpoint = Request(msg), endpoint_in(msg.subject)
        handle = self._handlers.get(endpoint)
        if handle is None:
            await request.respond_error("404", f"there is no {endpoint}")
        else:
            await handle(request)
