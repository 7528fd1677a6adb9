"""The way in to each stand-in: the faults that are set for it have their way first."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.faults.answers import ANSWER_FAULTS, answer_oddly, keep_waiting, retry_after
from sandbox.faults.calls import CallFaults
from sandbox.faults.rules import AFTER, Fault

CALL_NAMES = frozenset({"slack", "pagerduty", "generic", "heartbeat"})
Handler = Callable[[web.Request], Awaitable[web.Response]]
WORDS = {429: "rate_limited", 500: "Internal Server Error", 503: "Service Unavailable"}


class Door:
    """Lets calls in, unless a fault stands in the way."""

    def __init__(self, faults: CallFaults) -> None:
        self._faults = faults

    def to(self, call: str, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The handler behind the faults of `call`."""

        async def handle(request: web.Request) -> web.StreamResponse:
            fault = self._faults.for_call(call)
            if fault is None:
                return await handler(request)
            if fault.do.endswith(AFTER):
                performed = await handler(request)
                return await _fail(request, fault, performed.body if isinstance(performed.body, bytes) else b"")
            return await _fail(request, fault)

        return handle


async def _fail(request: web.Request, fault: Fault, *performed: bytes) -> web.StreamResponse:
    await request.read()
    if fault.do in ANSWER_FAULTS:
        return await answer_oddly(request, fault, *performed)
    if fault.do.startswith("timeout"):
        return await keep_waiting(request, fault)
    status = int(fault.do)
    return web.Response(status=status, text=WORDS[status], headers=retry_after(fault))
