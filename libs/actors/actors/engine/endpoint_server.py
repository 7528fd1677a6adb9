"""Serves the endpoints on `nats.micro`, each request in a task of its own: an endpoint alone would serve one by one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import msgspec
import nats.micro
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.micro.request import Request
from nats.micro.service import EndpointConfig, Service, ServiceConfig

from actors import metrics
from actors.actor import Actor
from actors.endpoints import (
    AdminEndpoint,
    AdminRequest,
    Bearing,
    Endpoint,
    EndpointError,
    QueryEndpoint,
    first_paragraph,
    read_request,
)
from actors.engine.admin_turns import AdminTurns
from actors.engine.auditing import Asked, Audit
from actors.engine.describing import described
from actors.engine.vouching import VouchedRequests
from contracts.ids import ADMIN_ID
from contracts.subjects import admin_subject, is_inbox, operator_in

_VERSION = "1.0.0"
_ANY = ".*"

log = structlog.get_logger()
Answer = Callable[[Request], Awaitable[Any]]
Hold = Callable[[Asked, str], Awaitable[msgspec.Raw]]
"""Has a request wait for a second operator, with the reason; returns its answer."""


class EndpointServer:
    """Serves one service's queries and admin endpoints as a NATS service."""

    def __init__(
        self,
        actor: Actor,
        *,
        nc: Client,
        audit: Audit,
        turns: AdminTurns,
        hold: Hold,
        endpoint: Endpoint,
        extra: "Sequence[BuiltinEndpoint]",
    ) -> None:
        """Serve the actor's queries and admin endpoints, and `extra` ones that the ground itself brings."""
        self._actor = actor
        self._nc = nc
        self._audit = audit
        self._turns = turns
        self._hold = hold
        self._door = endpoint
        self._extra = extra
        self._service: Service | None = None
        self._vouched = VouchedRequests(_only_inboxes(nc), actor.service)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Register the NATS service and its endpoints."""
        name = self._actor.service
        config = ServiceConfig(name=name, version=_VERSION, description=f"Starquiz {name}: queries and admin commands")
        self._service = await nats.micro.add_service(_only_inboxes(self._nc), config)
        for query in self._actor.queries:
            about, looks = first_paragraph(query.function), Bearing(reads=True)
            said = described(query.request, query.response, about=about, bearing=looks)
            await self._add(query.subject, self._query(query), said)
        for admin in self._actor.admins:
            said = described(admin.request, admin.answer, about=admin.about, bearing=admin.bearing, second=admin.second)
            await self._add(admin_subject(name, admin.noun, admin.verb), self._admin(admin), said)
        for extra in self._extra:
            bearing = Bearing(reads=not issubclass(extra.request, AdminRequest), irreversible=extra.irreversible)
            said = described(extra.request, extra.answer, about=first_paragraph(extra.request), bearing=bearing)
            await self._add(admin_subject(name, extra.noun, extra.verb), self._own(extra), said)
        await self._vouched.start()

    async def stop(self) -> None:
        """Withdraw the service and let running requests finish, some of which may need turns."""
        await self._vouched.stop()
        if self._service is not None:
            await self._service.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)

    async def _add(self, subject: str, answer: Answer, metadata: dict[str, str]) -> None:
        async def handler(incoming: Request) -> None:
            task = asyncio.create_task(self._serve(where, answer, incoming))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        if self._service is None:
            raise RuntimeError("start the service first")
        where = subject.removesuffix(_ANY)
        name = where.replace(".", "-")
        await self._service.add_endpoint(EndpointConfig(name=name, subject=subject, handler=handler, metadata=metadata))
        self._vouched.add(where, handler)

    async def _serve(self, subject: str, answer: Answer, incoming: Request) -> None:
        try:
            await incoming.respond(self._carried(msgspec.json.encode(await answer(incoming))))
            metrics.DOOR_REQUESTS.labels(subject, "ok").inc()
        except EndpointError as error:
            metrics.DOOR_REQUESTS.labels(subject, "refused").inc()
            await _refuse(incoming, error.code, str(error))
        except TimeoutError:
            metrics.DOOR_REQUESTS.labels(subject, "unavailable").inc()
            await _refuse(incoming, 503, "not done in time. Repeat the request as it is")
        except Exception as error:
            metrics.DOOR_REQUESTS.labels(subject, "error").inc()
            log.error("door_failed", subject=subject, exc_info=error)
            await _refuse(incoming, 500, f"{type(error).__name__}; see the log of {self._actor.service}")

    def _carried(self, body: bytes) -> bytes:
        """Return the answer; raises EndpointError for one that NATS would refuse."""
        if len(body) > self._nc.max_payload:
            text = f"the answer is larger than NATS carries ({len(body)} of {self._nc.max_payload} bytes): ask for less"
            raise EndpointError(500, text)
        return body

    def _query(self, query: QueryEndpoint) -> Answer:
        async def answer(incoming: Request) -> Any:
            return await query.function(read_request(query.request, incoming.data), self._door)

        return answer

    def _admin(self, admin: AdminEndpoint) -> Answer:
        async def answer(incoming: Request) -> Any:
            request = read_request(admin.request, incoming.data)
            try:
                command = admin.command(request)
            except ValueError as error:
                raise EndpointError(400, str(error)) from error
            asked = self._asked(admin.noun, admin.verb, request, operator_in(incoming.subject))
            first = await self._audit.first_answer(asked)
            if first is not None:
                return first
            reason = "" if admin.second is None else await admin.second.needed(command, self._door)
            return await (self._hold(asked, reason) if reason else self._turns.take(asked, command))

        return answer

    def _own(self, extra: "BuiltinEndpoint") -> Answer:
        async def answer(incoming: Request) -> Any:
            request, operator = read_request(extra.request, incoming.data), operator_in(incoming.subject)
            if not isinstance(request, AdminRequest):
                where = admin_subject(self._actor.service, extra.noun, extra.verb).removesuffix(_ANY)
                await self._audit.looked(where, operator, request)
                return await extra.function(request, operator)
            asked = self._asked(extra.noun, extra.verb, request, operator)
            return await self._audit.once(asked, lambda: extra.function(request, operator))

        return answer

    def _asked(self, noun: str, verb: str, request: AdminRequest, operator: str) -> Asked:
        where = admin_subject(self._actor.service, noun, verb).removesuffix(_ANY)
        return Asked(
            identifier=f"{ADMIN_ID}{where.removeprefix('admin.')}:{request.request_id}",
            operator=operator,
            subject=where,
            request=request,
        )


class BuiltinEndpoint(msgspec.Struct, frozen=True):
    """An operator's endpoint that the ground brings to every service."""

    noun: str
    verb: str
    request: type[msgspec.Struct]
    """An `AdminRequest` is written to the audit and done once; what it does must bear to be begun again.

    Any other one only looks: that is written to the audit too, each time, without what it saw.
    """
    answer: type[msgspec.Struct]
    function: Callable[[Any, str], Awaitable[Any]]
    """Of the request and the operator."""
    irreversible: str = ""
    """What cannot be undone, one sentence."""


def _only_inboxes(nc: Client) -> Client:
    """Return the connection such that requests which name no inbox for the answer are not heard.

    The answer is published with this service's rights: on any other subject it could be a message of the service.
    """
    return cast("Client", _OnlyInboxes(nc))


class _OnlyInboxes:
    def __init__(self, nc: Client) -> None:
        self._nc = nc

    def __getattr__(self, name: str) -> Any:
        return getattr(self._nc, name)

    async def subscribe(self, subject: str, *, cb: Callable[[Msg], Awaitable[None]], queue: str = "") -> Any:
        async def heard(msg: Msg) -> None:
            if is_inbox(msg.reply):
                await cb(msg)
            else:
                metrics.DOOR_REQUESTS.labels(subject.removesuffix(_ANY), "no_inbox").inc()
                log.warning("door_without_inbox", subject=msg.subject, reply=msg.reply)

        return await self._nc.subscribe(subject, queue=queue, cb=heard)


async def _refuse(incoming: Request, code: int, text: str) -> None:
    body = msgspec.json.encode({"error": text, "code": code})
    # Header values are one line of ASCII-safe text; the body has it whole.
    description = text.encode("ascii", "replace").decode().replace("\n", " ")[:200]
    await incoming.respond_error(str(code), description, data=body)
