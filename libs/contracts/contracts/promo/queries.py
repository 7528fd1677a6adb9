"""What may be asked about codes: the dashboard (DOMAIN §7)."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec

from contracts.message import Query
from contracts.promo.vocabulary import CampaignStatus

WINDOW_HOURS_MAX = 168
"""A week."""

Hours = Annotated[int, msgspec.Meta(ge=1, le=WINDOW_HOURS_MAX)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class GuardCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """A stored code that somebody failed with in the ten minutes before the end of the window."""

    campaign: str
    code_id: UUID
    failures: int
    """Over 100, from 3 players or more, pause the campaign."""
    players: int
    is_public: bool
    """Then it is told of and never paused."""
    status: CampaignStatus


class DiscountFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the discounts that were reserved in the window, as it stands now."""

    reserved: int
    """All of them."""
    applied: int
    """Paid in time, whatever was refunded later."""
    applied_late: int
    expired: int
    revoked: int
    """Paid and refunded."""
    open: int
    """Reserved still."""
    conversion: float | None
    """Of those that are not open any more: what part was paid, 0–1; None: there are none."""


class DashboardAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How codes fare, exact over the window from `since` on and before `until`."""

    since: datetime
    until: datetime
    attempts: int
    by_result: dict[str, int]
    """`accepted`, or a `RedeemRefusal` → how many."""
    acceptance: float | None
    """What part of the attempts was taken, 0–1; None: there were none."""
    discounts: DiscountFigures
    campaigns: dict[CampaignStatus, int]
    """Status → how many stand so now."""
    guard: tuple[GuardCandidate, ...]
    """The twenty with most failures."""


class DashboardQuery(Query[DashboardAnswer], frozen=True, kw_only=True):
    """Ask how codes fare."""

    subject: ClassVar[str] = "query.promo.dashboard"
    hours: Hours = 24
    until: Instant | None = None
    """The end of the window; None, or what is to come: now."""


class CodeStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A code as it stands; of its text nothing is known."""

    code_id: UUID
    campaign: str
    batch_id: UUID
    player_id: int | None = None
    """Whose alone it is; None: anybody's."""
    used: int
    reserved: int
    is_revoked: bool
    """Its batch is out of use."""


class CodesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The codes that have one of the fingerprints."""

    codes: tuple[CodeStanding, ...]


class CodesQuery(Query[CodesAnswer], frozen=True, kw_only=True):
    """Ask for a code by the fingerprints it may be stored under, one for each pepper."""

    subject: ClassVar[str] = "query.promo.codes"
    fingerprints: Annotated[
        tuple[Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")], ...], msgspec.Meta(max_length=16)
    ]
