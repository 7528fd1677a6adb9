"""A run of reconciliation as it is kept, and what payments tells itself when one is done (DOMAIN §6)."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from contracts.message import Command
from contracts.payments import Provider
from payments.domain.books import Total
from payments.domain.reconciliation import Diff

KEPT_MAX = 200
"""So many diffs, and as many repairs, are kept with a run; all are counted."""


class CloseRun(Command, frozen=True, kw_only=True):
    """A provider's books have been compared; the run's row is finished, and a diff is told of, in one transaction."""

    subject: ClassVar[str] = "payments.cmd.{run_id}.close_run"
    run_id: UUID
    provider: Provider
    is_full: bool
    looked_at: int
    """Charges that were looked at one by one."""
    repairs: tuple[str, ...]
    repaired: int
    books: tuple[Total, ...]
    diffs: tuple[Diff, ...]
    diff_count: int


class Closed(msgspec.Struct, frozen=True):
    """The row of a run that is done."""

    run: CloseRun
    at: datetime
