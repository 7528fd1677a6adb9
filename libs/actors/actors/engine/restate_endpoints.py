"""The operators' endpoints to restatements: `admin.<service>.restate.start`, `.list`, `.stop`."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Final
from uuid import NAMESPACE_URL, UUID, uuid5

import asyncpg
import msgspec

from actors.clock import Clock
from actors.endpoints import AdminRequest, EndpointError
from actors.engine.endpoint_server import BuiltinEndpoint
from actors.engine.hearers import Hearers
from actors.engine.restater import SQL
from actors.restating import Restatable

RUNS_MAX: Final = 200
_HEARER: Final = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


class StartRestatement(AdminRequest, frozen=True, kw_only=True):
    """What is to be told again, to whom, and how fast."""

    hearer: str
    """The service that shall hear it."""
    what: str
    """One of what the service can tell again; `restate.list` names them."""
    rows_per_second: Annotated[int, msgspec.Meta(ge=1, le=2_000)] = 200
    """JetStream remembers every id for its dedup window, some 300 bytes each: hence the bound."""


class ListRestatements(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many restatements to show, the last ones first."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=RUNS_MAX)] = 20


class StopRestatement(AdminRequest, frozen=True, kw_only=True):
    """Which restatement is to stop; what it told stays told. Start another to begin anew."""

    id: UUID


class StartedRestatement(msgspec.Struct, frozen=True, kw_only=True):
    """It is told from now on."""

    id: UUID
    hearer: str
    what: str


class ShownRestatement(msgspec.Struct, frozen=True, kw_only=True):
    """How far one has come."""

    id: UUID
    hearer: str
    what: str
    operator: str
    rows_per_second: int
    state: str
    """`running`, `done` or `stopped`."""
    told: int
    skipped: int
    total: int | None
    """None until the rows were counted."""
    error: str
    started_at: datetime
    finished_at: datetime | None


class ListedRestatements(msgspec.Struct, frozen=True, kw_only=True):
    """What can be told again, and the last ones, the newest first."""

    can_restate: tuple[str, ...]
    restatements: tuple[ShownRestatement, ...]


class StoppedRestatement(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it ran until now."""

    id: UUID
    stopped: bool


class RestateEndpoints:
    """One service's endpoints to restatements."""

    def __init__(
        self,
        service: str,
        declared: Mapping[str, Restatable],
        *,
        pool: "asyncpg.Pool[asyncpg.Record]",
        hearers: Hearers,
        clock: Clock,
        started: Callable[[], None],
    ) -> None:
        """`started` is called when there is something to tell."""
        self._service = service
        self._declared = declared
        self._pool = pool
        self._hearers = hearers
        self._clock = clock
        self._started = started

    def endpoints(self) -> list[BuiltinEndpoint]:
        """Return the endpoints to serve; none when nothing can be told again."""
        if not self._declared:
            return []
        return [
            BuiltinEndpoint("restate", "start", StartRestatement, StartedRestatement, self._start),
            BuiltinEndpoint("restate", "list", ListRestatements, ListedRestatements, self._list),
            BuiltinEndpoint("restate", "stop", StopRestatement, StoppedRestatement, self._stop),
        ]

    async def _start(self, request: StartRestatement, operator: str) -> StartedRestatement:
        """Begin one, once for its request id."""
        await self._check(request)
        identifier = uuid5(NAMESPACE_URL, f"restate:{self._service}:{request.request_id}")
        known = (identifier, request.request_id, request.hearer, request.what, operator)
        await self._pool.execute(SQL["start"], *known, request.rows_per_second, self._clock.now())
        if await self._pool.fetchval(SQL["by_request"], request.request_id) is None:
            other = await self._pool.fetchval(SQL["running"], request.hearer, request.what)
            text = f"hearer: {request.what} is being told to {request.hearer} already by {other}; wait, or stop it"
            raise EndpointError(409, text)
        self._started()
        return StartedRestatement(id=identifier, hearer=request.hearer, what=request.what)

    async def _check(self, request: StartRestatement) -> None:
        if request.what not in self._declared:
            names = ", ".join(sorted(self._declared))
            raise EndpointError(400, f"what: {self._service} cannot tell {request.what!r} again; use one of {names}")
        if not _HEARER.fullmatch(request.hearer) or request.hearer == self._service:
            raise EndpointError(400, "hearer: the name of the service that shall hear it: a-z 0-9 _, and not this one")
        known = await self._hearers.of(self._declared[request.what].event)
        if request.hearer not in known:
            heard = f"it is heard by {', '.join(known)}" if known else "nobody hears it yet"
            text = f"hearer: no {request.hearer!r} hears {request.what}; {heard}. Provision the hearer first"
            raise EndpointError(400, text)

    async def _list(self, request: ListRestatements, operator: str) -> ListedRestatements:
        del operator
        rows = await self._pool.fetch(SQL["recent"], request.limit)
        shown = tuple(ShownRestatement(**dict(row)) for row in rows)
        return ListedRestatements(can_restate=tuple(sorted(self._declared)), restatements=shown)

    async def _stop(self, request: StopRestatement, operator: str) -> StoppedRestatement:
        """Stop one; one that is over stays as it is."""
        del operator
        stopped = await self._pool.fetchval(SQL["stop"], request.id, self._clock.now())
        return StoppedRestatement(id=request.id, stopped=stopped is not None)
