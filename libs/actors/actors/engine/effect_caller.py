"""Calling an effect's handler, and making messages of what it returns."""

from collections.abc import Mapping
from typing import Any

from actors.actor import EffectHandler
from actors.clock import Clock
from actors.effects import Attempt, Done, Failed
from actors.engine.delivery import Delivery, Outcome, local
from actors.engine.effect_queues import Held
from actors.engine.rows import EffectRow
from contracts.envelope import first_envelope


class UnusableResultError(TypeError):
    """An effect's handler returned what is no result. The call was made: making it again would double it."""


class EffectCaller:
    """Knows the handlers of effects and what their signatures ask for."""

    def __init__(
        self, service: str, handlers: Mapping[str, EffectHandler], *, clock: Clock, resources: Mapping[type, Any]
    ) -> None:
        """Give handlers what they name of `resources`."""
        self._service = service
        self._handlers = handlers
        self._clock = clock
        self._resources = resources

    async def call(self, held: Held, *, superseded: bool, behind: int) -> Any:
        """Try once; raises what the handler raises."""
        row = held.row
        handler = self._handlers[row.kind]
        attempt = Attempt(
            effect_id=row.effect_id,
            number=held.failures + 1,
            ordering_key=row.ordering_key,
            created_at=row.created_at,
            now=self._clock.now(),
            superseded=superseded,
            behind=behind,
        )
        given = [attempt if need is Attempt else self._resources[need] for need in handler.needs]
        return await handler.function(held.effect, *given)

    def outcome(self, row: EffectRow, result: Any) -> Outcome:
        """Return what a result comes to; raises UnusableResultError for one that cannot be told."""
        if not isinstance(result, Done | Failed):
            raise UnusableResultError(f"the handler of {row.kind} returned {result!r}: return Done, Again or Failed")
        try:
            return Outcome(
                row, [self._message(row, number, one) for number, one in enumerate(result.messages, start=1)]
            )
        except Exception as error:
            raise UnusableResultError(f"the handler of {row.kind} returned a message that is none: {error}") from error

    def _message(self, row: EffectRow, number: int, message: Any) -> Delivery:
        envelope = first_envelope(
            message,
            identifier=f"effect:{row.effect_id}/{number}",
            time=self._clock.now(),
            source=self._service,
            cause=row.envelope.id,
            origin=row.envelope.origin,
            trace=row.envelope.trace,
        )
        return local(message, envelope)
