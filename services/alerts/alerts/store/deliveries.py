"""The queue of each channel's deliveries, in order within an alert."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import asyncpg
import msgspec
import structlog

from actors.queries import load
from actors.store import Connection
from alerts.domain.notice import Notice
from contracts.alerts import ChannelName, DeliveryState, DeliveryView, NoticeKind

SQL: Final = load("alerts.store", "deliveries.sql")
SHOWN_MAX: Final = 200
log = structlog.get_logger()
_notices: Final = msgspec.json.Decoder(Notice)


class Waiting(msgspec.Struct, frozen=True):
    """One delivery that is due."""

    number: int
    notice: Notice
    attempts: int
    is_alone: bool
    """It was refused in a group, of which another one may have been the reason."""
    created_at: datetime


class DeliveryQueue:
    """What waits for the channels, in this service's schema."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        """Read and write on this pool."""
        self._pool = pool

    async def called_at(self, channel: ChannelName) -> datetime | None:
        """Return when the channel was called last, by whichever process; None: never."""
        return await self._pool.fetchval(SQL["called_at"], channel)

    async def due(self, channel: ChannelName, now: datetime, limit: int) -> list[Waiting]:
        """Return what is due, the oldest first, at most one of each alert."""
        rows = await self._pool.fetch(SQL["next_deliveries"], channel, now, limit)
        return [waiting for row in rows if (waiting := await self._read(row, now)) is not None]

    async def _read(self, row: Any, now: datetime) -> Waiting | None:
        """Return a row's delivery. One that this build cannot read is over, for it must not stand in the way of all."""
        number, said, *rest = row
        try:
            return Waiting(number, _notices.decode(said), *rest)
        except msgspec.DecodeError as error:
            log.error("notice_unreadable", delivery=number, error=str(error))
            await self.end([number], DeliveryState.REFUSED, now, f"unreadable: {error}")
            return None

    async def count_due(self, channel: ChannelName, now: datetime, limit: int) -> tuple[int, bool]:
        """Count what is due, up to a limit, and say whether some of it was tried before: that waits for no others."""
        row = await self._pool.fetchrow(SQL["count_due"], channel, now, limit)
        return (0, False) if row is None else (row[0], row[1])

    async def begin(self, channel: ChannelName, now: datetime, numbers: Sequence[int]) -> None:
        """The channel is about to be called with these: count the try."""
        await self._pool.execute(SQL["begin_call"], channel, now, list(numbers))

    async def end(self, numbers: Sequence[int], state: DeliveryState, now: datetime, error: str = "") -> None:
        """Nothing more is to be done for these."""
        await self._pool.execute(SQL["end_deliveries"], list(numbers), state, now, error)

    async def put_off(self, numbers: Sequence[int], until: datetime, error: str, *, alone: bool = False) -> None:
        """Try these again later; `alone`: each by itself."""
        await self._pool.execute(SQL["put_off_deliveries"], list(numbers), until, error, alone)

    async def waiting(self) -> dict[ChannelName, tuple[int, datetime]]:
        """Return how many wait for each channel, and since when the oldest."""
        rows = await self._pool.fetch(SQL["queue"])
        return {ChannelName(channel): (count, oldest) for channel, count, oldest in rows}


async def read_deliveries(connection: Connection, alert_id: str) -> tuple[DeliveryView, ...]:
    """Return the newest deliveries of an alert, the newest first."""
    return tuple(map(_view_of, await connection.fetch(SQL["deliveries_of_alert"], alert_id, SHOWN_MAX)))


def _view_of(row: Any) -> DeliveryView:
    return DeliveryView(
        notice_id=row["notice_id"],
        channel=ChannelName(row["channel"]),
        kind=NoticeKind(row["kind"]),
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        created_at=row["created_at"],
        ended_at=row["ended_at"],
        due_at=row["due_at"],
        error=row["error"],
    )
