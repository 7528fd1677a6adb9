"""Serves the doors on `nats.micro`, each request in a task of its own: an endpoint alone would serve one by one."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import nats.micro
import structlog
from nats.aio.client import Client
from nats.micro.request import Request
from nats.micro.service import EndpointConfig, Service, ServiceConfig

from actors import metrics
from actors.actor import Actor
from actors.asking import Asker, AskTimeoutError
from actors.doors import AdminDoor, Door, DoorError, QueryDoor, read_request
from actors.ground import ADMIN_ID, ADMIN_ORIGIN
from actors.publisher import PublishError
from contracts.subjects import admin_subject, query_subject

_ASK_SECONDS_MAX = 5.0
_VERSION = "1.0.0"

log = structlog.get_logger()
Answer = Callable[[bytes], Awaitable[Any]]


class DoorServer:
    """One service's doors."""

    def __init__(self, actor: Actor, *, nc: Client, asker: Asker, door: Door, extra: "list[ExtraDoor]") -> None:
        """Serve the actor's queries and admin doors, and `extra` ones that the ground itself brings."""
        self._actor = actor
        self._nc = nc
        self._asker = asker
        self._door = door
        self._extra = extra
        self._service: Service | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Register the NATS service and its endpoints."""
        name = self._actor.service
        config = ServiceConfig(name=name, version=_VERSION, description=f"Starquiz {name}: queries and admin commands")
        self._service = await nats.micro.add_service(self._nc, config)
        for query in self._actor.queries:
            await self._add(query_subject(name, query.name), self._query(query), query.request, query.response)
        for admin in self._actor.admins:
            await self._add(admin_subject(name, admin.noun, admin.verb), self._admin(admin), admin.request, None)
        for extra in self._extra:
            await self._add(extra.subject, extra.answer, extra.request, None)

    async def stop(self) -> None:
        """Withdraw the service and let running requests finish."""
        if self._service is not None:
            await self._service.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)

    async def _add(
        self, subject: str, answer: Answer, request: type[msgspec.Struct], response: type[msgspec.Struct] | None
    ) -> None:
        metadata = {"request_schema": msgspec.json.encode(msgspec.json.schema(request)).decode()}
        if response is not None:
            metadata["response_schema"] = msgspec.json.encode(msgspec.json.schema(response)).decode()

        async def handler(incoming: Request) -> None:
            task = asyncio.create_task(self._serve(subject, answer, incoming))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        if self._service is None:
            raise RuntimeError("start the service first")
        name = subject.replace(".", "-")
        await self._service.add_endpoint(EndpointConfig(name=name, subject=subject, handler=handler, metadata=metadata))

    async def _serve(self, subject: str, answer: Answer, incoming: Request) -> None:
        try:
            await incoming.respond(msgspec.json.encode(await answer(incoming.data)))
            metrics.DOOR_REQUESTS.labels(subject, "ok").inc()
        except DoorError as error:
            metrics.DOOR_REQUESTS.labels(subject, "refused").inc()
            await _refuse(incoming, error.code, str(error))
        except (PublishError, AskTimeoutError) as error:
            metrics.DOOR_REQUESTS.labels(subject, "unavailable").inc()
            await _refuse(incoming, 503, f"{error}. Repeat the request with the same request_id")
        except Exception as error:
            metrics.DOOR_REQUESTS.labels(subject, "error").inc()
            log.error("door_failed", subject=subject, exc_info=error)
            await _refuse(incoming, 500, f"{type(error).__name__}; see the log of {self._actor.service}")

    def _query(self, query: QueryDoor) -> Answer:
        async def answer(body: bytes) -> Any:
            return await query.function(read_request(query.request, body), self._door)

        return answer

    def _admin(self, admin: AdminDoor) -> Answer:
        async def answer(body: bytes) -> Any:
            request = read_request(admin.request, body)
            try:
                command = admin.command(request)
            except ValueError as error:
                raise DoorError(400, str(error)) from error
            identifier = f"{ADMIN_ID}{self._actor.service}.{admin.noun}.{admin.verb}:{request.request_id}"
            return await self._asker.ask(
                command,
                timeout_seconds=_ASK_SECONDS_MAX,
                identifier=identifier,
                origin=f"{ADMIN_ORIGIN}{request.operator}",
            )

        return answer


class ExtraDoor(msgspec.Struct, frozen=True):
    """A door that the ground brings to every service."""

    subject: str
    request: type[msgspec.Struct]
    answer: Answer


async def _refuse(incoming: Request, code: int, text: str) -> None:
    body = msgspec.json.encode({"error": text, "code": code})
    # Header values are one line of ASCII-safe text; the body has it whole.
    description = text.encode("ascii", "replace").decode().replace("\n", " ")[:200]
    await incoming.respond_error(str(code), description, data=body)
