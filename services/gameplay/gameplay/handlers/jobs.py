"""What the schedules trigger (DOMAIN §12). Every job may run twice: its messages take effect once."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from actors.jobs import Job
from contracts.berlin import day_of
from contracts.gameplay import AbandonRound, Reminder, RemindPlayer, SettleStreak
from gameplay.domain.rounds import ANSWER_WITHIN
from gameplay.handlers import actor
from gameplay.store import players, rounds

PAGE: Final = 500
SWEEP: Final = "rounds"
SWEEP_OVERLAP: Final = timedelta(minutes=15)
"""A round's id carries the time of its message, which may have waited before the round began."""


@actor.cron("0 10 0 * * *", name="streak_settlement")
async def settle_streaks(job: Job) -> None:
    """00:10 Berlin: settle every streak whose last accounted day is before yesterday."""
    today = day_of(job.now)
    async for ids in job.pages(players.SQL["players_to_settle"], today.yesterday, size=PAGE):
        await job.take([SettleStreak(player_id=i) for i in ids], idempotency_key=f"settle:{today.local}")


@actor.cron("0 0 8 * * *", name="daily_push")
async def push_daily(job: Job) -> None:
    """08:00 Berlin: tell players who want it that a new daily challenge waits."""
    await _remind(job, players.SQL["players_to_push"], Reminder.DAILY_PUSH)


@actor.cron("0 0 19 * * *", name="daily_reminder")
async def remind_of_daily(job: Job) -> None:
    """19:00 Berlin: remind players who want it of the daily challenge that they have not finished."""
    await _remind(job, players.SQL["players_to_remind_of_daily"], Reminder.DAILY_REMINDER)


@actor.cron("0 0 20 * * *", name="streak_reminder")
async def remind_of_streak(job: Job) -> None:
    """20:00 Berlin: remind players who want it that a streak of 3 or more is not played yet today."""
    await _remind(job, players.SQL["players_to_remind_of_streak"], Reminder.STREAK_AT_RISK)


async def _remind(job: Job, sql: str, reminder: Reminder) -> None:
    day = day_of(job.now).local
    async for ids in job.pages(sql, day, size=PAGE):
        messages = [RemindPlayer(player_id=i, reminder=reminder, day=day) for i in ids]
        await job.take(messages, idempotency_key=f"{reminder}:{day}")


@actor.every(300, name="round_sweep")
async def sweep_rounds(job: Job) -> None:
    """Every 5 minutes: close rounds without an answer for 30 minutes, by primary key from where the last one ended."""
    end = job.now - ANSWER_WITHIN
    async with job.connection() as connection:
        begin: datetime | None = await connection.fetchval(rounds.SQL["swept_to"], SWEEP)
    after = _first_id(begin - SWEEP_OVERLAP) if begin is not None else uuid.UUID(int=0)
    async for rows in job.pages_of_rows(rounds.SQL["rounds_to_sweep"], _first_id(end), after=(after,), size=PAGE):
        await job.take([AbandonRound(player_id=row[1], round_id=row[0]) for row in rows])
    async with job.connection() as connection:
        await connection.execute(rounds.SQL["keep_swept_to"], SWEEP, end)


@actor.every(3600, name="retention")
async def forget_old(job: Job) -> None:
    """Hourly: delete inbox rows after 30 days, a chunk at a time. Attempts, scores and the journal are kept."""
    await job.forget_inbox()


def _first_id(moment: datetime) -> uuid.UUID:
    """Return the lowest id that a round of this instant could have."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)
