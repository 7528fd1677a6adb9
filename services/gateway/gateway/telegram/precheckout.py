"""Answers pre-checkouts: asks payments, and tells Telegram before the query dies (DOMAIN §6).

A query is decided once and its answer said until Telegram has it. After a crash payments is asked again under the same
identifier and says the same; Telegram itself takes the first answer and no other.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

import msgspec
import structlog

from actors.effects import Attempt, Done, EffectResult, Failed
from contracts.message import A, Answered
from contracts.payments import CheckPreCheckout, PreCheckoutAnswer
from gateway import metrics
from gateway.domain.effects import AnswerPreCheckout
from gateway.telegram.refusals import is_denied
from gateway.telegram.session import LeanSession, Reply, UnreachableError

QUERY_SECONDS = 10.0
"""So long after it came in Telegram has forgotten a query."""
DECISION_SECONDS = 8.0
"""So long after it came in payments may decide; then the answer is no."""
CALL_SECONDS_MAX = 2.0
PAUSE_SECONDS = 0.25

log = structlog.get_logger()


class Asks(Protocol):
    """Something that asks actors of other services: `actors.asking.Asker`."""

    async def ask(
        self, command: Answered[A], *, timeout_seconds: float, identifier: str | None = None, origin: str = ""
    ) -> A:
        """Return the answer; raises PublishError or AskTimeoutError."""
        ...


class _Answer(msgspec.Struct, omit_defaults=True):
    pre_checkout_query_id: str
    ok: bool
    error_message: str = ""


class PreCheckoutAnswerer:
    """Stands between payments and Telegram while a player is about to pay."""

    def __init__(self, session: LeanSession, asker: Asks) -> None:
        """Ask through `asker`, tell through `session`."""
        self._session = session
        self._asker = asker

    async def answer(self, effect: AnswerPreCheckout, attempt: Attempt, refusal: Callable[[str], str]) -> EffectResult:
        """Decide and answer. `refusal` words a no: of a `CheckoutRefusal`, or of "" when payments did not say."""
        age = max(0.0, (attempt.now - effect.received_at).total_seconds())
        received_at = asyncio.get_running_loop().time() - age
        decision = await self._decide(effect, received_at + DECISION_SECONDS)
        if decision is not None and decision.ok:
            body, outcome = _Answer(effect.query_id, ok=True), "ok"
        else:
            reason = decision.refusal if decision else ""
            body = _Answer(effect.query_id, ok=False, error_message=refusal(reason))
            outcome = "refused" if decision else "no_answer"
        result = await self._tell(body, received_at + QUERY_SECONDS)
        metrics.PRECHECKOUTS.labels(outcome).observe(asyncio.get_running_loop().time() - received_at)
        return result

    async def _decide(self, effect: AnswerPreCheckout, deadline: float) -> PreCheckoutAnswer | None:
        """Return what payments says, or None when it does not say by the deadline (of the loop's clock)."""
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            return None
        question = CheckPreCheckout(
            player_id=effect.player_id,
            query_id=effect.query_id,
            payload=effect.payload,
            amount=effect.amount,
            currency=effect.currency,
        )
        try:
            # Storing the question has a time-out of its own, so both are under this one.
            async with asyncio.timeout(left):
                identifier = f"precheckout:{effect.query_id}"
                return await self._asker.ask(question, timeout_seconds=left, identifier=identifier)
        except Exception as error:
            # Whatever is wrong over there: the player hears a no in time, and nothing is paid.
            log.warning("precheckout_undecided", query_id=effect.query_id, error=f"{type(error).__name__}: {error}")
            return None

    async def _tell(self, body: _Answer, deadline: float) -> EffectResult:
        """Say it until Telegram has heard it or has forgotten the query."""
        loop = asyncio.get_running_loop()
        while (left := deadline - loop.time()) > 0:
            try:
                timeout = min(left, CALL_SECONDS_MAX)
                reply = await self._session.call("answerPreCheckoutQuery", body, timeout_seconds=timeout)
            except UnreachableError:
                reply = Reply(ok=False, error_code=503)
            if reply.ok or (reply.error_code == 400 and not is_denied(reply)):
                # 400: answered before, or forgotten.
                return Done()
            pause = max(PAUSE_SECONDS, reply.parameters.retry_after)
            await asyncio.sleep(min(pause, max(0.0, deadline - loop.time())))
        log.error("precheckout_unanswered", query_id=body.pre_checkout_query_id)
        return Failed("too_late")
