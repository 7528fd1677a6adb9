"""Taps' answers apart from sending them: how long they took, and the one for a tap that no event answered."""

import time

from actors.effects import Attempt
from gateway import metrics
from gateway.domain.effects import AnswerTap
from gateway.telegram.bodies import TapAnswer
from gateway.telegram.session import LeanSession


def tap_took(effect: AnswerTap, attempt: Attempt, begun: float) -> None:
    """Measure from the tap's arrival to the end of this attempt, which began at `begun` (`time.monotonic`)."""
    if effect.tapped_at is not None:
        waited = (attempt.now - effect.tapped_at).total_seconds()
        metrics.TAP_SECONDS.observe(max(0.0, waited) + time.monotonic() - begun)


async def answer_late_tap(session: LeanSession, query_id: str, toast: str) -> None:
    """Answer a tap that no event has answered, once; raises UnreachableError."""
    await session.call("answerCallbackQuery", TapAnswer(query_id, toast))
