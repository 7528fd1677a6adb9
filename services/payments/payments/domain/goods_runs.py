"""A comparison of goods as it is kept, and what payments tells itself when one is done (DOMAIN §6)."""

from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

import msgspec

from contracts.message import Command
from payments.domain.goods import GoodsDiff

KEPT_MAX: Final = 200
"""So many diffs, and as many repairs, are kept with a run; all are counted."""
UNANSWERED_MAX: Final = timedelta(hours=1)
"""Without an answer of gameplay for longer, silence is a diff; a full run waits for nobody."""


class CloseGoodsRun(Command, frozen=True, kw_only=True):
    """Goods have been compared, or could not be; the run's row is finished and diffs are told of in one transaction."""

    subject: ClassVar[str] = "payments.cmd.{run_id}.close_goods_run"
    run_id: UUID
    is_full: bool
    looked_at: int
    """Grants and players that were looked at one by one."""
    repairs: tuple[str, ...]
    repaired: int
    diffs: tuple[GoodsDiff, ...]
    diff_count: int
    unanswered: str = ""
    """Why gameplay's side is not known; empty when all of it was compared."""


class GoodsClosed(msgspec.Struct, frozen=True):
    """The row of a comparison that is done."""

    run: CloseGoodsRun
    at: datetime


class Acknowledged(msgspec.Struct, frozen=True):
    """A grant that a person has looked at: it stays as it is, and is compared no more."""

    grant_id: UUID
    note: str
    at: datetime


def is_silent_too_long(compared_at: datetime | None, now: datetime) -> bool:
    """Return whether it is too long ago that goods were compared; `compared_at` None: they never were."""
    return compared_at is None or now - compared_at > UNANSWERED_MAX
