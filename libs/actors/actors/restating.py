"""What a service can tell again of its current state, for a hearer that came late: declared by the service's author.

    @actor.restate("guests", page=SQL["guests_to_restate"], event=GuestRestated)
    def restate_guest(row: Record, hearer: str, as_of: datetime) -> GuestRestated: ...

The query pages by key: its first column is the key, `$1::text` the key to go on after (null at first), `$2` the page's
size (null: all). The event's subject has `{hearer}` in it, so nobody else hears it.

A change that happens meanwhile is told by its own event as always, and both may come in any order. So a restated event
has to be one that merges: with a revision of the state, of which the highest is the truth; or with facts that only grow
(a date that is set stays set, a level never falls). `as_of` says when the row was read, no more: a turn that was under
way then is not in it, although its event may bear an earlier time.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from contracts.message import Contract, shape_of

HEARER = "hearer"
"""The key field that names the hearer."""


class Restatable(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of state that can be told again."""

    what: str
    page: str
    event: type[Contract]
    tell: Callable[[Any, str, datetime], Contract]
    """Returns the event of one row for a hearer, as of when the row was read."""


def restatable(what: str, page: str, event: type[Contract], tell: Callable[[Any, str, datetime], Any]) -> Restatable:
    """Return the declaration; TypeError for an event that is not addressed to its hearer."""
    if HEARER not in shape_of(event).fields:
        raise TypeError(f"{event.__name__}.subject names no {{{HEARER}}}: everybody would hear what is told to one")
    return Restatable(what=what, page=page, event=event, tell=tell)
