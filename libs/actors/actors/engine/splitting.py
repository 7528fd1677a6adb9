"""Taking a batch that the database refuses apart, until the culprit is alone and the others have had their effect."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import structlog

from actors.engine.delivery import Delivery
from actors.engine.outage import is_outage, is_worth_repeating
from actors.engine.rows import PendingDeletes
from actors.engine.turn_result import TurnResult

_REPEATS_MAX = 3
Attempt: TypeAlias = Callable[[Sequence[Delivery], PendingDeletes], Awaitable[TurnResult]]
"""Takes all of a batch in one transaction, and tidies up in it."""

log = structlog.get_logger()


async def take_apart(
    attempt: Attempt, deliveries: Sequence[Delivery], housekeeping: PendingDeletes, taken: TurnResult
) -> None:
    """Take the batch in one transaction if the database lets it; add what came of it to `taken`.

    Raises only for an outage before anything was committed; one that comes later leaves the rest `postponed`.
    """
    try:
        taken.merge(await _repeat(attempt, deliveries, housekeeping))
    except Exception as error:
        if is_outage(error):
            raise
        if housekeeping:
            await _tidy_apart(attempt, housekeeping, taken)
        await _split(attempt, deliveries, taken)


async def _tidy_apart(attempt: Attempt, housekeeping: PendingDeletes, taken: TurnResult) -> None:
    """Delete in a transaction of its own: whoever of a batch is to blame, what it was to tidy up is not lost."""
    try:
        taken.merge(await _repeat(attempt, [], housekeeping))
    except Exception as error:
        if is_outage(error):
            raise
        log.error("housekeeping_refused", exc_info=error)
        taken.untidied.add(housekeeping)


async def _split(attempt: Attempt, deliveries: Sequence[Delivery], taken: TurnResult) -> None:
    """Halve what the database refuses until the culprit is alone."""
    parts = [deliveries] if deliveries else []
    while parts:
        part = parts.pop()
        try:
            taken.merge(await _repeat(attempt, part, PendingDeletes()))
        except Exception as error:
            if is_outage(error):
                taken.outage = error
                taken.postponed += [*part, *(delivery for other in reversed(parts) for delivery in other)]
                return
            half = len(part) // 2
            if half:
                parts += [part[half:], part[:half]]
            else:
                taken.failed.append((part[0], error))


async def _repeat(attempt: Attempt, deliveries: Sequence[Delivery], housekeeping: PendingDeletes) -> TurnResult:
    """Try several times where it may well succeed at once."""
    for _ in range(_REPEATS_MAX):
        try:
            return await attempt(deliveries, housekeeping)
        except Exception as error:
            if is_outage(error) or not is_worth_repeating(error):
                raise
    return await attempt(deliveries, housekeeping)
