"""What several routes take: pages, windows, players."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from contracts.promo.queries import Hours

PlayerId = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]
Page = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Note = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many hours before an instant."""

    hours: Hours = 24
    until: Instant | msgspec.UnsetType = msgspec.UNSET
    """Its end, RFC 3339 with a zone; left out, or what is to come: now."""


def window_of(given: Window) -> dict[str, Any]:
    """Return the fields of an owner's query for this window."""
    return {"hours": given.hours, "until": None if given.until is msgspec.UNSET else given.until}
