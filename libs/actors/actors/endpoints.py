"""Endpoints: read-only queries and operators' commands as NATS services, so that `nats micro ls` and `info` work."""

import inspect
import re
import typing
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

import msgspec

from actors.clock import Clock
from actors.store import Connection
from contracts.message import Command

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class AdminRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every operator's request carries."""

    request_id: str
    """1–64 of `A-Za-z0-9_.:-`; names this very request: repeating it gives the first answer again."""


class EndpointError(Exception):
    """A request that cannot be served; `code` as in HTTP, the text names the field and the remedy."""

    def __init__(self, code: int, text: str) -> None:
        """Refuse with a code and a text."""
        super().__init__(text)
        self.code = code


class Endpoint:
    """What an endpoint's function may use."""

    def __init__(
        self, *, clock: Clock, acquire: Callable[[], AbstractAsyncContextManager[Connection]], resources: Any
    ) -> None:
        """Hand it the clock, the database and the service's resources."""
        self._clock = clock
        self._acquire = acquire
        self.resources = resources

    @property
    def now(self) -> datetime:
        """The current instant (UTC)."""
        return self._clock.now()

    def connection(self) -> AbstractAsyncContextManager[Connection]:
        """Return a connection: `async with endpoint.connection() as connection`."""
        return self._acquire()


class QueryEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A read-only question to a service."""

    name: str
    subject: str
    """Where it is asked: `query.<service>.<name>`, or under what it is about."""
    request: type[msgspec.Struct]
    response: type[msgspec.Struct]
    function: Callable[[Any, Endpoint], Awaitable[Any]]


class Bearing(msgspec.Struct, frozen=True, kw_only=True):
    """What a call does to the world, for whoever is about to make it: published with the endpoint."""

    reads: bool = False
    """True: it looks and changes nothing but the audit."""
    irreversible: str = ""
    """What cannot be undone, one sentence; empty: it can, or nothing is changed. Tools have it confirmed by typing."""
    confirm: str = ""
    """The field whose value is typed to confirm; empty: the verb is."""


class FourEyes(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a second operator (DOMAIN §13)."""

    rule: str
    """When that is, in a few words: published with the endpoint."""
    needed: Callable[[Any, Endpoint], Awaitable[str]]
    """Of the command: why it needs a second operator, for both of them; empty when it does not."""


class AdminEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's request that becomes a command to an actor."""

    noun: str
    verb: str
    request: type[AdminRequest]
    command: Callable[[Any], Command]
    """Of the request; raises ValueError naming field and remedy."""
    answer: Any
    """The type of what the turn replies."""
    about: str = ""
    """One line: what it does."""
    bearing: Bearing = Bearing()
    second: "FourEyes | None" = None
    """When a second operator has to approve it; None: never."""


def first_paragraph(documented: Any) -> str:
    """Return how a docstring begins, up to its first empty line, in one line; empty when there is none."""
    return " ".join((inspect.getdoc(documented) or "").partition("\n\n")[0].split())


def read_request(kind: type[msgspec.Struct], body: bytes) -> Any:
    """Return the decoded request; raises EndpointError 400 naming the field and the remedy."""
    try:
        request = msgspec.json.decode(body or b"{}", type=kind)
    except msgspec.ValidationError as error:
        if "unknown field `operator`" in str(error):
            raise EndpointError(400, "operator: leave it out. The last part of the subject says who asks") from error
        fields = ", ".join(f"{field.name}: {_type_name(field.type)}" for field in msgspec.structs.fields(kind))
        raise EndpointError(400, f"{error}. Send one JSON object with: {fields}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EndpointError(400, f"the body is no JSON ({error}). Send one JSON object") from error
    if isinstance(request, AdminRequest):
        _check_admin(request)
    return request


def _type_name(hint: Any) -> str:
    """Return a type as a person would write it: `int`, not `Annotated[int, Meta(ge=1)]`."""
    plain = typing.get_args(hint)[0] if typing.get_origin(hint) is typing.Annotated else hint
    return plain.__name__ if isinstance(plain, type) else str(plain).replace("typing.", "")


def _check_admin(request: AdminRequest) -> None:
    if not _REQUEST_ID.fullmatch(request.request_id):
        raise EndpointError(400, "request_id: use 1–64 of A-Z a-z 0-9 _ . : - and a new one for every new request")
    if b"\\u0000" in msgspec.json.encode(request):
        raise EndpointError(400, "a text has the character NUL in it, which nothing here can store: leave it out")
