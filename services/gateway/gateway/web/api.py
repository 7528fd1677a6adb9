"""The internal API's requests, from the head to the answer: door, route, what it takes, whom it asks."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from time import monotonic
from typing import Final
from uuid import uuid4

import msgspec
from aiohttp import web

from gateway import metrics
from gateway.web import openapi, promo, referrals
from gateway.web.door import Door
from gateway.web.owners import Owners
from gateway.web.problems import ProblemError, json_answer
from gateway.web.reading import read_body, read_key, read_nothing, read_parameters
from gateway.web.route import PREFIX, Asked, Route

ROUTES: Final = (*promo.ROUTES, *referrals.ROUTES)
DOCUMENT_PATH: Final = f"{PREFIX}/openapi.json"
AT_ONCE_MAX: Final = 32
"""Requests that wait for an owner; one more is told to come again."""


class Seen(msgspec.Struct, frozen=True):
    """What a request's head says."""

    person: str
    route: Route | None
    """None: the OpenAPI document."""
    place: str = ""


_SEEN: Final = web.RequestKey("internal_api", Seen)
"""Under this name a request carries what was seen of its head."""


class InternalApi:
    """Answers requests; every refusal is a problem (RFC 9457)."""

    def __init__(self, door: Door, owners: Owners, routes: Sequence[Route] = ROUTES) -> None:
        """Serve these routes to whom `door` lets in."""
        self._door = door
        self._owners = owners
        self._routes = tuple((route, _pattern(route)) for route in routes)
        self._document = openapi.text(routes, DOCUMENT_PATH).encode()
        self._at_once = 0

    def judge(self, request: web.BaseRequest) -> web.Response | None:
        """Return what refuses a request from its head alone: first who asks (403), then what (404, 405)."""
        try:
            person = self._door.enter(request)
            request[_SEEN] = self._find(request, person)
        except ProblemError as error:
            return error.answer()
        return None

    async def handle(self, request: web.BaseRequest, body: bytes) -> web.Response:
        """Answer a request that was let in."""
        seen = request[_SEEN]
        began = monotonic()
        try:
            query = request.raw_path.partition("?")[2]
            read_nothing(request, body, query)
            if seen.route is None:
                return json_answer(self._document)
            return json_answer(await self._serve(seen.route, seen, request, query, body))
        except ProblemError as error:
            return error.answer()
        finally:
            label = DOCUMENT_PATH if seen.route is None else seen.route.path
            metrics.INTERNAL_SECONDS.labels(label).observe(monotonic() - began)

    async def _serve(
        self, route: Route, seen: Seen, request: web.BaseRequest, query: str, body: bytes
    ) -> msgspec.Struct:
        if request.method == "POST":
            request_id, given = read_key(request), read_body(route.takes, request, body)
        else:
            request_id, given = uuid4().hex, read_parameters(route.takes, query)
        if self._at_once >= AT_ONCE_MAX:
            detail = f"{AT_ONCE_MAX} requests are under way already. Repeat it as it is in a second."
            raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "1"})
        self._at_once += 1
        try:
            asked = Asked(person=seen.person, request_id=request_id, place=seen.place, given=given)
            return await route.serve(self._owners, asked)
        finally:
            self._at_once -= 1

    def _find(self, request: web.BaseRequest, person: str) -> Seen:
        """Return which route a request is for; raises ProblemError 404, or 405 with the methods that there are."""
        path = request.raw_path.partition("?")[0]
        found = [(route, fits) for route, pattern in self._routes if (fits := pattern.fullmatch(path)) is not None]
        for route, fits in found:
            if route.method == request.method:
                return Seen(person, route, fits[1] if route.place else "")
        allowed = ["GET"] if path == DOCUMENT_PATH else sorted({route.method for route, _ in found})
        if request.method in allowed:
            return Seen(person, None)
        if allowed:
            methods = ", ".join(allowed)
            raise ProblemError(HTTPStatus.METHOD_NOT_ALLOWED, f"Here is only {methods}.", headers={"Allow": methods})
        raise ProblemError(HTTPStatus.NOT_FOUND, f"There is nothing at this path; {DOCUMENT_PATH} lists what there is.")


def _pattern(route: Route) -> re.Pattern[str]:
    """Return what the paths of a route look like. Nothing in them is escaped, so nothing is read in two ways."""
    if route.place is None:
        return re.compile(re.escape(route.path))
    before, after = route.path.split(f"{{{route.place.name}}}")
    return re.compile(f"{re.escape(before)}({route.place.pattern}){re.escape(after)}", re.ASCII)
