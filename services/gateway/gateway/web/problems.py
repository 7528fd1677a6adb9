"""Problem bodies (RFC 9457): what is wrong, with the field and the remedy in words."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import msgspec
from aiohttp import web

from contracts.promo import RedeemRefusal

MEDIA_TYPE: Final = "application/problem+json"
NOT_KEPT: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_BLANK: Final = "about:blank"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request was not done (RFC 9457)."""

    type: str
    """Always `about:blank`: what kind it is, the status says."""
    title: str
    """The status in words."""
    status: int
    detail: str
    """What is wrong, and what to do about it."""
    field: str | None = None
    """The parameter, header or member of the body that is at fault, where it is one."""
    reason: RedeemRefusal | None = None
    """Of a code that is not taken: why."""
    until: datetime | None = None
    """Of a code that is not taken: when it may be tried again, where that is known."""
    tries_left: int | None = None
    """Of a code that is not taken: how many more failures are forgiven before a pause."""
    current: Any = None
    """Of a conflict: how the thing stands."""


class ProblemError(Exception):
    """A request is not done: the answer is a problem."""

    def __init__(
        self, status: HTTPStatus, detail: str, *, headers: dict[str, str] | None = None, **members: Any
    ) -> None:
        """Say what is wrong and what to do; `members` are `Problem`'s."""
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}
        self.problem = Problem(type=_BLANK, title=status.phrase, status=status.value, detail=detail, **members)

    def answer(self) -> web.Response:
        """Return it as an answer."""
        return json_answer(self.problem, self.status, media_type=MEDIA_TYPE, headers=self.headers)


_DETAILS: Final = {
    HTTPStatus.BAD_REQUEST: "This is no HTTP request that can be read, or it broke off. Send it again.",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not come in time. Send it again.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large; no request here needs more than 16 KiB.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "The gateway failed; its log says how. Repeat the request as it is.",
}


def of_status(status: HTTPStatus) -> web.Response:
    """Return the problem that the HTTP server makes of a status."""
    return ProblemError(status, _DETAILS.get(status, status.phrase)).answer()


def json_answer(
    content: Any,
    status: HTTPStatus = HTTPStatus.OK,
    *,
    media_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> web.Response:
    """Return an answer with a body; bytes are JSON already. Nobody on the way may keep it."""
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    all_headers = {"Server": "gateway", **NOT_KEPT, **(headers or {})}
    return web.Response(body=body, status=status, content_type=media_type, headers=all_headers)
