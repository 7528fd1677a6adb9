"""Help for tests: run one handler purely, without NATS or Postgres."""

import inspect
from datetime import UTC, datetime
from typing import Any

import msgspec

from actors.actor import Actor, StateNeed
from actors.endpoints import AdminRequest, read_request
from actors.turn import Timer, Turn, Wanted
from contracts.envelope import Envelope
from contracts.message import Command, Contract, shape_of

_NOTHING = object()

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
"""A Wednesday without any clock change, for tests that do not care."""


class Decision(msgspec.Struct):
    """What a handler would have happen after the commit, by kind, each in the order in which it was asked for."""

    emitted: list[Contract]
    replies: list[Any]
    records: list[msgspec.Struct]
    effects: list[msgspec.Struct]
    timers: list[Timer]
    created: list[msgspec.Struct]
    wanted: list[Wanted]
    origins: list[str]

    def only(self, kind: type[Contract]) -> Any:
        """Return the one emitted message of a type; fails when there is none or several."""
        found = [message for message in self.emitted if type(message) is kind]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} {kind.__name__} among {[type(m).__name__ for m in self.emitted]}")
        return found[0]


async def decide(
    actor: Actor,
    message: Contract,
    *given: Any,
    now: datetime = NOON,
    message_id: str = "test",
    origin: str = "",
    operator: str = "",
) -> Decision:
    """Run the handler of `message` with the given states and resources (matched by type).

    States are changed in place. A state that is not given is absent: None where the handler allows it, otherwise the
    store's blank.
    """
    handler = actor.handlers()[type(message)]
    envelope = Envelope(
        id=message_id, type_name=shape_of(type(message)).type_name, time=now, source="test", origin=origin
    )
    turn = Turn(envelope, now, service=actor.service, operator=operator, answer=actor.answers.get(type(message)))
    outcome = handler.function(message, *(_argument(need, message, given, turn) for need in handler.needs))
    if inspect.isawaitable(outcome):
        await outcome
    return Decision(
        emitted=[emitted.message for emitted in turn.emitted],
        replies=[turn.answer] if turn.answered else [],
        records=turn.records,
        effects=[wanted.effect for wanted in turn.wanted],
        timers=turn.timers,
        created=turn.created,
        wanted=turn.wanted,
        origins=[emitted.envelope.origin for emitted in turn.emitted],
    )


def asked(actor: Actor, noun: str, verb: str, **fields: Any) -> tuple[AdminRequest, Command]:
    """Return the request that an operator's words are at an endpoint, and its command.

    Raises EndpointError or ValueError for what the endpoint refuses, as it says it.
    """
    (endpoint,) = (endpoint for endpoint in actor.admins if (endpoint.noun, endpoint.verb) == (noun, verb))
    request = read_request(endpoint.request, msgspec.json.encode({"request_id": "r1", **fields}))
    return request, endpoint.command(request)


def _argument(need: Any, message: Contract, given: tuple[Any, ...], turn: Turn) -> Any:
    if need is None:
        return turn
    if isinstance(need, StateNeed):
        key = _named(need, message, given)
        for one in given:
            if isinstance(one, need.store.state) and _key_of(need, one) in (key, None):
                return one
        return None if need.optional or key in (None, _NOTHING) else need.store.blank(key)
    return next(one for one in given if isinstance(one, need))


def _named(need: StateNeed, message: Contract, given: tuple[Any, ...]) -> Any:
    """Return the key that the message names, or the given state through which it is found."""
    if need.via is None:
        return need.store.key(message, need.field)
    first, find = need.via
    key = _named(first, message, given)
    for one in given:
        if isinstance(one, first.store.state) and _key_of(first, one) in (key, None):
            return find(one, message) or _NOTHING
    return _NOTHING


def _key_of(need: StateNeed, state: msgspec.Struct) -> Any:
    key_of = getattr(need.store, "key_of", None)
    return key_of(state) if key_of is not None else None
