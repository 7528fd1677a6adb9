"""Figures over a window of time, exact: counted in buckets as rows are written, and row by row at the window's ends."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from actors.clock import Clock
from actors.queries import load
from actors.store import Connection, ReadModel
from contracts.promo import (
    CampaignStatus,
    DashboardAnswer,
    DiscountFigures,
    GuardCandidate,
    RedemptionState,
)
from promo.domain.alarm import ALARM, COUNTED_PER_PLAYER_MAX, WINDOW, Alarm, GuardSight
from promo.store.guarding import SQL as GUARDING

SQL: Final = load("promo.store", "figures.sql")
BUCKET: Final = timedelta(minutes=10)
"""As the triggers of the tables count (migration 1007)."""
CANDIDATES_MAX: Final = 20
ACCEPTED: Final = "accepted"


class Span(msgspec.Struct, frozen=True):
    """A window with the whole buckets in it."""

    since: datetime
    first: datetime
    """Where the first whole bucket begins."""
    last: datetime
    """Where the last whole bucket ends."""
    until: datetime


def span(until: datetime, hours: int) -> Span:
    """Return the window of so many hours before an instant, which is not in it itself; it has whole buckets."""
    since = until - timedelta(hours=hours)
    seconds = int(BUCKET.total_seconds())
    into, beyond = timedelta(seconds=since.timestamp() % seconds), timedelta(seconds=until.timestamp() % seconds)
    first = since if not into else since - into + BUCKET
    return Span(since, first, until - beyond, until)


async def dashboard(connection: Connection, window: Span) -> DashboardAnswer:
    """Return the figures of a window, all of one moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        bounds = (window.since, window.first, window.last, window.until)
        results: dict[str, int] = {row[0]: row[1] for row in await connection.fetch(SQL["attempts_by_result"], *bounds)}
        states: dict[str, int] = {row[0]: row[1] for row in await connection.fetch(SQL["discounts_by_state"], *bounds)}
        campaigns = await connection.fetch(SQL["campaigns_by_status"])
        guard = await candidates(connection, window.until)
    attempts = sum(results.values())
    return DashboardAnswer(
        since=window.since,
        until=window.until,
        attempts=attempts,
        by_result=results,
        acceptance=results.get(ACCEPTED, 0) / attempts if attempts else None,
        discounts=_discounts(states),
        campaigns={CampaignStatus(status): count for status, count in campaigns},
        guard=guard,
    )


async def candidates(connection: Connection, until: datetime) -> tuple[GuardCandidate, ...]:
    """Return the codes with most failures in the guard's window that ends then."""
    rows = await connection.fetch(SQL["guard_candidates"], until - WINDOW, until, CANDIDATES_MAX)
    return tuple(
        GuardCandidate(
            campaign=row["campaign"],
            code_id=row["code_id"],
            failures=row["failures"],
            players=row["players"],
            is_public=row["is_public"],
            status=CampaignStatus(row["status"]),
        )
        for row in rows
    )


class GuardBook:
    """What the guard sees at the moment, by the service's clock."""

    def __init__(self, clock: Clock) -> None:
        """Count the ten minutes before the moment that `clock` says."""
        self._clock = clock

    async def load(self, connection: Connection, keys: Sequence[str]) -> Mapping[str, GuardSight]:
        """Count failures, and look at the alarm."""
        now = self._clock.now()
        row = await connection.fetchrow(GUARDING["failures_overall"], now - WINDOW, COUNTED_PER_PLAYER_MAX)
        alarms = await connection.fetch(GUARDING["look_at_alarms"], [ALARM])
        alarm = Alarm(*alarms[0]) if alarms else Alarm(ALARM)
        failures, players = (0, 0) if row is None else row
        sight = GuardSight(alarm.since, alarm.failures_allowed, failures, players, await candidates(connection, now))
        return dict.fromkeys(keys, sight)


class GuardSights(ReadModel[str, GuardSight]):
    """What the guard sees, for an operator."""

    state = GuardSight
    key_field = "name"
    loaded_by = GuardBook


def _discounts(states: Mapping[str, int]) -> DiscountFigures:
    of: dict[str, int] = {state: states.get(state, 0) for state in RedemptionState}
    reserved, waiting = sum(of.values()), of[RedemptionState.RESERVED]
    ended = reserved - waiting
    return DiscountFigures(
        reserved=reserved,
        applied=of[RedemptionState.APPLIED],
        applied_late=of[RedemptionState.APPLIED_LATE],
        expired=of[RedemptionState.EXPIRED],
        revoked=of[RedemptionState.REVOKED],
        open=waiting,
        conversion=(ended - of[RedemptionState.EXPIRED]) / ended if ended else None,
    )
