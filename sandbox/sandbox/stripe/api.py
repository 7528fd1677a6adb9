"""The door `/stripe/v1/…`: key, faults, idempotency, call, answer in Stripe's form."""

import json
import logging
from base64 import b64decode
from typing import cast
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.faults.answers import ANSWER_FAULTS, answer_oddly, keep_waiting, retry_after
from sandbox.faults.calls import CallFaults
from sandbox.faults.rules import AFTER, Fault
from sandbox.stripe.book import new_id
from sandbox.stripe.calls import Ask, Call, Calls
from sandbox.stripe.errors import StripeError
from sandbox.stripe.idempotency import Keys
from sandbox.stripe.params import Params, nest

PREFIX = "/stripe"
NOT_BEGUN = frozenset({"parameter_unknown", "parameter_missing", "parameter_invalid_integer"})
"""Refusals before anything was done: the key they came with stays free."""
log = logging.getLogger(__name__)


class StripeApi:
    """Answers API calls of the one account of this sandbox."""

    def __init__(self, secret_key: str, calls: Calls, keys: Keys, faults: CallFaults) -> None:
        self._secret_key = secret_key
        self._calls = calls
        self._keys = keys
        self._faults = faults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One HTTP call. Every failure is an answer; a fault may also end the connection without one."""
        try:
            self._authenticate(request)
            call, found = self._calls.find(request.method, request.path.removeprefix(PREFIX))
            fault = self._faults.for_call(call.name)
            if fault is not None and not fault.do.endswith(AFTER):
                return await self._fail(request, fault)
            answer = await self._answered(request, call, found)
        except StripeError as problem:
            return _response(problem.status, _encoded(problem.body()))
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            problem = StripeError("An unknown error occurred", status=500, kind="api_error")
            return _response(500, _encoded(problem.body()))
        return answer if fault is None else await self._fail(request, fault, cast("bytes", answer.body))

    async def _answered(self, request: web.Request, call: Call, found: str) -> web.Response:
        """Do the call once per idempotency key; later ones get the first answer, errors too."""
        raw = await request.read()
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        kept = self._keys.answer(key, request.path, raw) if key else None
        if kept is not None:
            return _response(kept.status, kept.body, {"Idempotency-Key": key, "Idempotent-Replayed": "true"})
        status, body, code = self._done(request, call, found, raw)
        if key and code not in NOT_BEGUN:
            self._keys.keep(key, request.path, raw, status, body)
        return _response(status, body, {"Idempotency-Key": key} if key else {})

    def _done(self, request: web.Request, call: Call, found: str, raw: bytes) -> tuple[int, bytes, str | None]:
        text = raw.decode() if request.method == "POST" else request.rel_url.raw_query_string
        url_base = f"{request.url.origin()}{PREFIX}"
        try:
            params = Params(nest(parse_qsl(text, keep_blank_values=True)))
            return 200, _encoded(call.handle(Ask(found, params, url_base))), None
        except StripeError as problem:
            return problem.status, _encoded(problem.body()), problem.code

    def _authenticate(self, request: web.Request) -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            given = b64decode(given).decode("latin-1").partition(":")[0]
        if not given:
            raise StripeError("You did not provide an API key.", status=401)
        if given != self._secret_key:
            raise StripeError(f"Invalid API Key provided: {given[:8]}***", status=401)

    async def _fail(self, request: web.Request, fault: Fault, *performed: bytes) -> web.StreamResponse:
        """What the fault says: an error, an answer that is none, or silence and then a cut connection."""
        if fault.do in ANSWER_FAULTS:
            return await answer_oddly(request, fault, *performed)
        if fault.do == "429":
            problem = StripeError("Too many requests in a short time", status=429, code="rate_limit")
            return _response(429, _encoded(problem.body()), retry_after(fault))
        if not fault.do.startswith("timeout"):
            problem = StripeError("Something went wrong on our side", status=int(fault.do), kind="api_error")
            return _response(problem.status, _encoded(problem.body()))
        return await keep_waiting(request, fault)


def _encoded(body: object) -> bytes:
    return json.dumps(body, indent=2, ensure_ascii=False).encode()


def _response(status: int, body: bytes, headers: dict[str, str] | None = None) -> web.Response:
    told = {"Request-Id": new_id("req"), **(headers or {})}
    return web.Response(body=body, status=status, content_type="application/json", headers=told)
