"""What the schedules trigger (DOMAIN §12). Every job may run twice: its messages take effect once."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from actors.jobs import Job
from contracts.gameplay import (
    AbandonRound,
    DailyPushDue,
    DailyReminderDue,
    Reminder,
    RemindPlayer,
    RetentionDue,
    RoundSweepDue,
    SettleStreak,
    StreakReminderDue,
    StreakSettlementDue,
)
from gameplay.domain.berlin import day_of
from gameplay.domain.rounds import ANSWER_WITHIN
from gameplay.handlers import actor
from gameplay.store import players, rounds

PAGE: Final = 500
SWEEP: Final = "rounds"
SWEEP_OVERLAP: Final = timedelta(minutes=15)
"""A round's id carries the time of its message, which may have waited before the round began."""


@actor.job(StreakSettlementDue)
async def settle_streaks(due: StreakSettlementDue, job: Job) -> None:
    """Settle every streak whose last accounted day is before yesterday."""
    del due
    today = day_of(job.now)
    async for ids in job.pages(players.SQL["players_to_settle"], today.yesterday, size=PAGE):
        await job.take([SettleStreak(player_id=i) for i in ids], once_per=f"settle:{today.local}")


@actor.job(DailyPushDue)
async def push_daily(due: DailyPushDue, job: Job) -> None:
    """Tell players who want it that a new daily challenge waits."""
    del due
    await _remind(job, players.SQL["players_to_push"], Reminder.DAILY_PUSH)


@actor.job(DailyReminderDue)
async def remind_of_daily(due: DailyReminderDue, job: Job) -> None:
    """Remind players who want it of the daily challenge that they have not finished."""
    del due
    await _remind(job, players.SQL["players_to_remind_of_daily"], Reminder.DAILY_REMINDER)


@actor.job(StreakReminderDue)
async def remind_of_streak(due: StreakReminderDue, job: Job) -> None:
    """Remind players who want it that a streak of 3 or more is not played yet today."""
    del due
    await _remind(job, players.SQL["players_to_remind_of_streak"], Reminder.STREAK_AT_RISK)


async def _remind(job: Job, sql: str, reminder: Reminder) -> None:
    day = day_of(job.now).local
    async for ids in job.pages(sql, day, size=PAGE):
        messages = [RemindPlayer(player_id=i, reminder=reminder, day=day) for i in ids]
        await job.take(messages, once_per=f"{reminder}:{day}")


@actor.job(RoundSweepDue)
async def sweep_rounds(due: RoundSweepDue, job: Job) -> None:
    """Close rounds without an answer for 30 minutes; walks the primary key from where the last sweep ended."""
    del due
    end = job.now - ANSWER_WITHIN
    async with job.connection() as connection:
        begin: datetime | None = await connection.fetchval(rounds.SQL["swept_to"], SWEEP)
    after = _first_id(begin - SWEEP_OVERLAP) if begin is not None else uuid.UUID(int=0)
    while True:
        async with job.connection() as connection:
            rows = await connection.fetch(rounds.SQL["rounds_to_sweep"], after, _first_id(end), PAGE)
        if not rows:
            break
        after = rows[-1][0]
        messages = [AbandonRound(player_id=row[1], round_id=row[0]) for row in rows]
        await job.take(messages)
    async with job.connection() as connection:
        await connection.execute(rounds.SQL["keep_swept_to"], SWEEP, end)


@actor.job(RetentionDue)
async def forget_old(due: RetentionDue, job: Job) -> None:
    """Delete inbox rows after 30 days, a chunk at a time. Attempts, scores and the journal are kept."""
    del due
    await job.forget_inbox()


def _first_id(moment: datetime) -> uuid.UUID:
    """Return the lowest id that a round of this instant could have."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)
