"""What a route of the internal API is: where, what it takes, what it answers, and whom it asks."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec

from gateway.web.owners import Owners


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was let in and read."""

    person: str
    """Whose token it has."""
    request_id: str
    """Its name at the owner: the client's own for what changes something, a new one for a look."""
    place: str = ""
    """What stands in the path where the route has `{…}`."""
    given: Any = None
    """The route's parameters or body."""


class Place(msgspec.Struct, frozen=True):
    """The variable part of a path."""

    name: str
    pattern: str
    """Whole, in the letters that need no escape in a path."""
    says: str


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One method at one path."""

    method: str
    path: str
    summary: str
    answer: type[msgspec.Struct]
    serve: Callable[[Owners, Asked], Awaitable[msgspec.Struct]]
    """Raises ProblemError."""
    takes: type[msgspec.Struct]
    """The parameters of a GET, the body of a POST."""
    place: Place | None = None
    refuses: Mapping[int, str] = msgspec.field(default_factory=dict[int, str])
    """Status → when, besides what every route may answer."""


PREFIX: Final = "/internal"
"""What every path begins with."""
