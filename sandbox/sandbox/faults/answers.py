"""Answers that are none of the API's own: what a proxy says in its place, and one that breaks off on its way."""

import asyncio
from typing import Any, Final

from aiohttp import web

from sandbox.faults.rules import AFTER, Fault
from sandbox.json_api.fields import Fields

RAW, CUT = "raw", "cut"
ANSWER_FAULTS: Final = (RAW, RAW + AFTER, CUT, CUT + AFTER)
"""Without `_after` the call has no effect."""
RAW_FIELDS: Final = frozenset({"status", "body", "content_type", "location"})
NEVER_SECONDS: Final = 24 * 3600.0
BODY_MAX: Final = 64 * 1024
PAGE: Final = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
"""What a proxy says while nobody is behind it, and the body of a rule that names none."""
_BUT_HALF: Final = b'{"ok":true,"result":true}'
"""What breaks off when the call was not performed and there is no answer to break."""


def raw_fields(fields: Fields) -> dict[str, Any]:
    """Return what a rule says of a raw answer: HTTP status, body, its type, and where a redirect leads."""
    return {
        "status": fields.integer("status", 200, 599, 502),
        "body": fields.text("body", BODY_MAX, PAGE, least=0),
        "content_type": fields.text("content_type", 100, "text/html"),
        "location": fields.text("location", 1000, ""),
    }


async def answer_oddly(request: web.Request, fault: Fault, answer: bytes = _BUT_HALF) -> web.StreamResponse:
    """Answer as an `ANSWER_FAULTS` rule says; `answer` is the one that a cut breaks off in the middle."""
    if fault.do.startswith(CUT):
        return await _cut(request, answer)
    headers = {"Location": fault.location} if fault.location else None
    body = fault.body.encode("utf-8", "surrogatepass")  # half a pair is how a rule writes bytes that are no UTF-8
    return web.Response(body=body, status=fault.status, content_type=fault.content_type, headers=headers)


async def keep_waiting(request: web.Request, fault: Fault) -> web.Response:
    """Say nothing for the rule's seconds (without them: for ever), and hang up."""
    await asyncio.sleep(NEVER_SECONDS if fault.seconds is None else fault.seconds)
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=504)


def retry_after(fault: Fault) -> dict[str, str]:
    """The header `Retry-After` as the rule words it, or none."""
    return {"Retry-After": fault.retry_after_header} if fault.retry_after_header else {}


async def _cut(request: web.Request, answer: bytes) -> web.StreamResponse:
    """Announce all of an answer, send half of it, and hang up."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(answer))})
    await response.prepare(request)
    await response.write(answer[: len(answer) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
