"""Pictures that are drawn for one player, and sent."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from actors.effects import Again, Attempt, Done, EffectResult, Failed
from gateway.domain.effects import SendChart
from gateway.telegram.refusals import OUTAGE_SECONDS, put_off
from gateway.telegram.session import LeanSession, UnreachableError

TOO_LATE_SECONDS: Final = 300
"""Who asked for it has gone on by then."""

log = structlog.get_logger()


class ChartSender:
    """Draws in a thread: the event loop has taps to answer."""

    def __init__(self, session: LeanSession) -> None:
        """Send by `session`."""
        self._session = session

    async def send(self, effect: SendChart, attempt: Attempt, draw: Callable[[], bytes]) -> EffectResult:
        """Draw and send one picture; a newer one of the same player takes its place."""
        if attempt.superseded:
            return Done()
        if (attempt.now - attempt.created_at).total_seconds() > TOO_LATE_SECONDS:
            return Failed("too_late")
        picture = await asyncio.to_thread(draw)
        try:
            reply = await self._session.send_photo(effect.player_id, effect.caption, picture)
        except UnreachableError:
            return Again(after_seconds=OUTAGE_SECONDS)
        if (later := put_off(reply)) is not None:
            return later
        if not reply.ok:
            log.warning("chart_refused", code=reply.error_code, description=reply.description)
            return Failed("refused")
        return Done()
