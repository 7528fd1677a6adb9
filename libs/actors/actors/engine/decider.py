"""Running the handlers of a turn: what each is given, what it created, and nothing of one that raised."""

import copy
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from actors.actor import Actor, Handler, StateNeed
from actors.engine.async_handlers import finished
from actors.engine.delivery import Delivery, decoded
from actors.engine.state_keys import States, key_of
from actors.engine.turn_result import TurnResult
from actors.store import Store
from actors.turn import Turn
from contracts.message import Contract


class Decider:
    """Knows one actor's handlers, and gives them the states and resources that their signatures name."""

    def __init__(self, actor: Actor, resources: Mapping[type, Any]) -> None:
        """Raises TypeError when handlers name what is neither kept nor in `resources`."""
        self._service = actor.service
        self._answers = actor.answers
        self._handlers = actor.handlers()
        self._journals = actor.journals
        self._stores = [store for store in actor.stores.values() if isinstance(store, Store)]
        self._resources = dict(resources)
        missing = {need for handler in self._handlers.values() for need in handler.needs if isinstance(need, type)}
        missing -= self._resources.keys()
        if missing:
            names = ", ".join(sorted(kind.__name__ for kind in missing))
            raise TypeError(f"{self._service}: handlers name {names}, which nobody provided or keeps")

    async def decide(
        self, deliveries: Sequence[Delivery], states: States, now: datetime, taken: TurnResult
    ) -> list[tuple[Delivery, Turn]]:
        """Run the handlers in order of arrival. A failing one leaves no trace and does not hold up the others."""
        turns: list[tuple[Delivery, Turn]] = []
        for delivery in deliveries:
            handler = self._handlers[type(decoded(delivery))]
            turn = Turn(
                delivery.envelope,
                now,
                service=self._service,
                operator=delivery.operator,
                answer=self._answers.get(handler.message),
            )
            before: list[tuple[StateNeed, Any, Any]] = []
            try:
                before = self._snapshot(handler, delivery, states)
                await self._call(handler, delivery, turn, states)
            except Exception as error:
                self._restore(before, states)
                taken.failed.append((delivery, error))
                continue
            taken.done.append(delivery)
            turns.append((delivery, turn))
        return turns

    def _snapshot(self, handler: Handler, delivery: Delivery, states: States) -> list[tuple[StateNeed, Any, Any]]:
        before: list[tuple[StateNeed, Any, Any]] = []
        for need in handler.states:
            key = key_of(need, delivery.message, states)
            before.append((need, key, copy.copy(states[need.store].get(key))))
        return before

    def _restore(self, before: list[tuple[StateNeed, Any, Any]], states: States) -> None:
        for need, key, state in before:
            if state is None:
                states[need.store].pop(key, None)
            else:
                states[need.store][key] = state

    async def _call(self, handler: Handler, delivery: Delivery, turn: Turn, states: States) -> None:
        arguments: list[Any] = []
        for need in handler.needs:
            if need is None:
                arguments.append(turn)
            elif isinstance(need, StateNeed):
                arguments.append(self._state(need, delivery.message, states))
            else:
                arguments.append(self._resources[need])
        outcome = handler.function(delivery.message, *arguments)
        if handler.is_async:
            await finished(outcome)
        self._adopt(turn, states)

    def _adopt(self, turn: Turn, states: States) -> None:
        """Put what the handler created among the states: last, for from here on nothing of it can fail any more."""
        for row in turn.records:
            if type(row) not in self._journals:
                raise TypeError(f"no journal keeps {type(row).__name__}")
        created = [(self._store_of(type(state)), state) for state in turn.created]
        for store, key, state in [(store, store.key_of(state), state) for store, state in created]:
            states.setdefault(store, {})[key] = state

    def _state(self, need: StateNeed, message: Contract | None, states: States) -> Any:
        key = key_of(need, message, states)
        found = states[need.store]
        state = found.get(key)
        if state is None and key is not None and need.via is not None:
            raise LookupError(f"{need.store.state.__name__} {key!r} is named by another state and is not there")
        if state is None and not need.optional:
            state = None if key is None else need.store.blank(key)
            if state is None:
                raise LookupError(f"no {need.store.state.__name__} {key!r}")
            found[key] = state
        return state

    def _store_of(self, kind: type) -> Store[Any, Any]:
        for store in self._stores:
            if store.state is kind:
                return store
        raise TypeError(f"no store keeps {kind.__name__}")
