"""Alerts' own dead letters. It is not told of them by its stream: it could fail of each, and each would be the next."""

from actors.history import waiting_dead_letters
from actors.jobs import Job
from alerts.handlers.table import actor
from contracts.ground import DeadLetterReceived

_SHOWN_MAX = 100


@actor.every(300)
async def own_dead_letters(job: Job) -> None:
    """Every 5 minutes: raise an alert for messages that alerts itself put aside; each counts once."""
    others = [contract for contract in actor.functions if contract is not DeadLetterReceived]
    async with job.connection() as connection:
        waiting = await waiting_dead_letters(connection, others, limit=_SHOWN_MAX)
    letters = [
        DeadLetterReceived(
            service=actor.service,
            letter_id=str(letter.number),
            letter_subject=f"{actor.service}.cmd.own.message",
            error=letter.error,
            attempts=0,
            at=letter.received_at,
        )
        for letter in waiting
    ]
    await job.take(letters, idempotency_key="own_letter")
