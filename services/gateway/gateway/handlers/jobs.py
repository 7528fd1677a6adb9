"""Jobs: old lines of the update log and old invoices, and whether updates come in and are answered (DOMAIN §12)."""

from datetime import timedelta

from actors.jobs import Job
from actors.turn import Turn
from contracts.gateway import TelegramUpdatesDegraded
from gateway.domain.effects import PUSH_PRIORITY, AskWebhook
from gateway.domain.health import answered_ratio, is_degraded
from gateway.domain.internal_commands import CheckHealth, RecordHealth
from gateway.handlers.table import actor
from gateway.store import SQL, count_taps, log_dead_updates

UPDATES_KEPT = timedelta(days=14)
INVOICES_KEPT = timedelta(days=2)
"""Longer than Telegram lets a bot take a message back."""
HEALTH_SPAN = timedelta(minutes=5)
ANSWER_IS_LATE = timedelta(seconds=10)
HEALTH_KEY = "telegram"


@actor.every(3600, name="retention")
async def forget_old_updates(job: Job) -> None:
    """Hourly: delete lines older than 14 days, invoices older than 2, and the inbox's older than 30."""
    await job.delete(SQL["delete_old_updates"], job.now - UPDATES_KEPT)
    await job.delete(SQL["delete_old_invoices"], job.now - INVOICES_KEPT)
    await job.forget_inbox()


@actor.every(300, name="update_health")
async def check_updates(job: Job) -> None:
    """Every 5 minutes: count what was heard and answered on this side; Telegram's side is asked for by an effect."""
    async with job.connection() as connection:
        await log_dead_updates(connection)
        taps, unanswered = await count_taps(connection, job.now - HEALTH_SPAN, job.now - ANSWER_IS_LATE)
    await job.take([CheckHealth(bot=HEALTH_KEY, taps=taps, unanswered=unanswered)])


@actor.on(CheckHealth)
def check_health(check: CheckHealth, turn: Turn) -> None:
    """Ask Telegram for its side."""
    turn.perform(
        AskWebhook(taps=check.taps, unanswered=check.unanswered), ordering_key="health", priority=PUSH_PRIORITY
    )


@actor.on(RecordHealth)
def note_health(note: RecordHealth, turn: Turn) -> None:
    """Raise the alarm when updates wait, fail, or go unanswered."""
    if is_degraded(note.pending, note.taps, note.unanswered, note.last_error):
        turn.emit(
            TelegramUpdatesDegraded(
                bot=note.bot,
                pending=note.pending,
                answered_ratio=answered_ratio(note.taps, note.unanswered),
                last_error=note.last_error,
                at=turn.now,
            )
        )
