"""The door `/bot<token>/<method>`: token, arguments, schema, faults, handler, answer in Telegram's form."""

import asyncio
import inspect
import json
import logging
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.bot_api.body import arguments
from sandbox.bot_api.registry import Method, Registry
from sandbox.bot_api.telegram import Telegram
from sandbox.bot_api.updates import encoded
from sandbox.delivery.poster import Reply
from sandbox.errors import ApiError, forbidden, too_many_requests
from sandbox.faults.answers import ANSWER_FAULTS, answer_oddly
from sandbox.faults.rules import AFTER, Fault, Faults
from sandbox.shapes import as_object, to_json

UNAUTHORIZED = ApiError(401, "Unauthorized")
NOT_FOUND = ApiError(404, "Not Found")
SERVER_ERRORS = {
    "500": "Internal Server Error",
    "502": "Bad Gateway",
    "503": "Service Unavailable",
    "504": "Gateway Timeout",
}
NEVER_SECONDS = 24 * 3600.0
log = logging.getLogger(__name__)


class BotApi:
    """Answers Bot API calls of the one bot of this sandbox."""

    def __init__(self, telegram: Telegram, registry: Registry, faults: Faults) -> None:
        self._telegram = telegram
        self._registry = registry
        self._faults = faults
        self._stats = telegram.world.stats
        self._token = telegram.world.settings.bot_token
        telegram.updates.webhook.on_reply = self.reply_in_webhook

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One HTTP call. Every failure is an answer; a fault may also end the connection without one."""
        token, _, name = request.raw_path.split("?", 1)[0][4:].partition("/")
        try:
            method = self._method(token.replace("%3A", ":").replace("%3a", ":"), name)
        except ApiError as problem:
            return self._refusal("unknown", problem)
        try:
            return await self._answered(request, method)
        except ApiError as problem:
            return self._refusal(method.name, problem)
        except web.HTTPRequestEntityTooLarge:
            return self._refusal(method.name, ApiError(413, "Request Entity Too Large"))
        except Exception:
            log.exception("%s failed", method.name)
            return self._refusal(method.name, ApiError(500, "Internal Server Error"))

    def reply_in_webhook(self, reply: Reply) -> None:
        """A method in the reply to an update is executed, and its outcome is told to nobody, as in Telegram."""
        given = _method_of_reply(reply)
        name = str(given.pop("method", "")).lower()
        method = self._registry.methods.get(name)
        if method is None or name.startswith("get") or inspect.iscoroutinefunction(method.handler):
            self._stats.webhook["reply_ignored"] += 1
            return
        try:
            method.handler(self._telegram, method.schema.check(given))
            self._stats.method(method.name, "ok")
        except ApiError as problem:
            self._stats.method(method.name, str(problem.code))

    def _method(self, token: str, name: str) -> Method:
        if token != self._token:
            raise UNAUTHORIZED
        method = self._registry.methods.get(name.lower())
        if method is not None:
            return method
        lacking = self._registry.lacking.get(name.lower())
        if lacking is not None:
            raise ApiError(501, f"Not Implemented: this sandbox lacks the method {lacking}")
        raise NOT_FOUND

    async def _answered(self, request: web.Request, method: Method) -> web.StreamResponse:
        checked = method.schema.check(await arguments(request))
        fault = self._faults.for_method(method.name.lower(), checked.get("chat_id", checked.get("user_id")))
        if fault is not None and not fault.do.endswith(AFTER):
            return await self._fail(request, method, fault)
        result = method.handler(self._telegram, checked)
        if inspect.isawaitable(result):
            result = await result
        if fault is not None:
            return await self._fail(request, method, fault, encoded(result))
        self._stats.method(method.name, "ok")
        return web.Response(body=encoded(result), content_type="application/json")

    async def _fail(self, request: web.Request, method: Method, fault: Fault, *performed: bytes) -> web.StreamResponse:
        """What the fault says: an error, an answer that is none, or silence and then a cut connection."""
        if fault.do == "429":
            raise too_many_requests(fault.retry_after)
        if fault.do == "blocked":
            raise forbidden("bot was blocked by the user")
        code = fault.do.removesuffix(AFTER)
        if code in SERVER_ERRORS:
            raise ApiError(int(code), SERVER_ERRORS[code])
        self._stats.method(method.name, fault.do)
        if fault.do in ANSWER_FAULTS:
            return await answer_oddly(request, fault, *performed)
        await asyncio.sleep(NEVER_SECONDS if fault.seconds is None else fault.seconds)
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=504)

    def _refusal(self, name: str, problem: ApiError) -> web.Response:
        self._stats.method(name, str(problem.code))
        body = to_json(problem.body())
        headers = {"Retry-After": str(problem.retry_after)} if problem.retry_after is not None else None
        return web.Response(body=body, status=problem.code, content_type="application/json", headers=headers)


def _method_of_reply(reply: Reply) -> dict[str, Any]:
    """The call a webhook reply asks for: JSON or form; anything else (as a plain `ok`) asks for nothing."""
    kind = reply.headers.get("content-type", "")
    try:
        if kind.startswith("application/x-www-form-urlencoded"):
            return dict(parse_qsl(reply.body.decode()))
        return (as_object(json.loads(reply.body)) or {}) if kind.startswith("application/json") else {}
    except ValueError:
        return {}
