"""The table of what a service does when it hears something: handlers, jobs, effects, endpoints."""

import inspect
import types
import typing
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Concatenate, TypeVar, Unpack

import msgspec

from actors.admin_requests import Terms, admin_endpoint, bearing_of
from actors.effects import Attempt, EffectResult
from actors.endpoints import AdminEndpoint, QueryEndpoint, first_paragraph
from actors.jobs import Job
from actors.restating import Restatable, restatable
from actors.schedules import Cron, Due, Every, P, ScheduledJob
from actors.store import Journal, Key, ReadModel, Store, Via, check_immutable
from actors.turn import Turn
from contracts.message import Command, Contract, Event, answer_of
from contracts.subjects import query_subject

F = TypeVar("F", bound=Callable[..., Any])


class StateNeed(msgspec.Struct, frozen=True):
    """A handler's wish for a state: of which store, found how, and whether it may be absent."""

    store: ReadModel[Any, Any]
    field: str | None
    """The field of the message that names it; None: the store's own."""
    optional: bool
    via: "tuple[StateNeed, Callable[[Any, Any], Any]] | None" = None
    """The other state that names it, and how."""


class Handler(msgspec.Struct, frozen=True):
    """One handler, its signature read once."""

    message: type[Contract]
    function: Callable[..., Any]
    needs: tuple[StateNeed | type | None, ...]
    """One entry a parameter after the message: a state, a resource's type, or None for the turn itself."""
    states: tuple[StateNeed, ...]
    is_async: bool


class EffectHandler(msgspec.Struct, frozen=True):
    """One effect on the outside world and what performs it."""

    effect: type[msgspec.Struct]
    function: Callable[..., Awaitable[EffectResult]]
    needs: tuple[type, ...]
    """One entry a parameter after the effect: `Attempt` or a resource's type."""
    concurrency: int


class Actor:
    """Collects a service's handlers by decoration; `resolve` reads their signatures once everything is kept."""

    def __init__(self, service: str) -> None:
        """Make an empty table for the service of that name."""
        self.service = service
        self.stores: dict[type, ReadModel[Any, Any]] = {}
        self.journals: dict[type, Journal[Any]] = {}
        self.functions: dict[type[Contract], Callable[..., Any]] = {}
        self.answers: dict[type[Contract], Any] = {}
        self.schedules: dict[str, ScheduledJob[...]] = {}
        self.jobs: dict[type[Due], Callable[[Any, Job], Awaitable[None]]] = {}
        self.effect_functions: dict[type[msgspec.Struct], tuple[Callable[..., Awaitable[EffectResult]], int]] = {}
        self.queries: list[QueryEndpoint] = []
        self.restatables: dict[str, Restatable] = {}
        self.admins: list[AdminEndpoint] = []

    # -- collecting -----------------------------------------------------------------------------

    def on(self, message: type[Contract]) -> Callable[[F], F]:
        """Register the handler of a message type. A second one for the same type raises TypeError."""

        def register(function: F) -> F:
            if message in self.functions:
                raise TypeError(f"{message.__name__} has two handlers")
            self.functions[message] = function
            self._declare_answer(message, answer_of(message))
            return function

        return register

    def every(
        self, seconds: int, *, name: str | None = None
    ) -> Callable[[Callable[Concatenate[Job, P], Awaitable[None]]], ScheduledJob[P]]:
        """Register a job that runs every so many seconds; its name is the function's unless another is given."""
        return lambda function: self._schedule(ScheduledJob(self.service, name, Every(seconds), function))

    def cron(
        self, pattern: str, *, name: str | None = None, time_zone: str = Cron("").time_zone
    ) -> Callable[[Callable[Concatenate[Job, P], Awaitable[None]]], ScheduledJob[P]]:
        """Register a job that runs when the pattern says (six fields, the second first), by Berlin's clock."""
        return lambda function: self._schedule(ScheduledJob(self.service, name, Cron(pattern, time_zone), function))

    def _schedule(self, job: ScheduledJob[P]) -> ScheduledJob[P]:
        if job.name in self.schedules:
            raise TypeError(f"{self.service} has two jobs {job.name}")
        self.schedules[job.name] = job
        self.jobs[job.kind] = job.run
        return job

    def effect(self, effect: type[msgspec.Struct], *, concurrency: int = 16) -> Callable[[F], F]:
        """Register what performs an effect, at most `concurrency` at a time in one process."""

        def register(function: F) -> F:
            if effect in self.effect_functions:
                raise TypeError(f"{effect.__name__} has two performers")
            self.effect_functions[effect] = (function, concurrency)
            return function

        return register

    def query(
        self, name: str, *, request: type[msgspec.Struct], response: type[msgspec.Struct], about: str = ""
    ) -> Callable[[F], F]:
        """Register a read-only endpoint `query.<service>.<name>`: an async function of (request, Endpoint).

        Where it goes by what it is about and not by whose it is, the subject is `query.<about>.<name>`; no service may
        have that name.
        """
        subject = query_subject(about or self.service, name)

        def register(function: F) -> F:
            endpoint = QueryEndpoint(name=name, subject=subject, request=request, response=response, function=function)
            self.queries.append(endpoint)
            return function

        return register

    def admin(
        self,
        noun: str,
        verb: str,
        *,
        answer: Any,
        translate: Callable[[Any], Command] | None = None,
        **terms: Unpack[Terms],
    ) -> Callable[[F], F]:
        """Let operators send a command to its handler, at `admin.<service>.<noun>.<verb>`; stands above `on`.

        The request is the command (see `actors.admin_requests`). Where operators have another word for it,
        `translate` is a function of their request, an `AdminRequest`, that returns the command.
        """

        def register(function: F) -> F:
            message = next((heard for heard, known in self.functions.items() if known is function), None)
            if message is None or not issubclass(message, Command):
                raise TypeError(f"{function.__name__}: put @actor.admin above its @actor.on, which names the command")
            self._declare_answer(message, answer)
            if translate is None:
                self.admins.append(admin_endpoint(noun, verb, message, answer, terms, about=first_paragraph(function)))
            else:
                ((_, request),) = _hints(translate)[:1]
                self.admins.append(
                    AdminEndpoint(
                        noun=noun,
                        verb=verb,
                        request=request,
                        command=translate,
                        answer=answer,
                        about=first_paragraph(function),
                        bearing=bearing_of(terms),
                        second=terms.get("second"),
                    )
                )
            return function

        return register

    def _declare_answer(self, message: type[Contract], answer: Any) -> None:
        if answer is not None and self.answers.setdefault(message, answer) is not answer:
            raise TypeError(f"{message.__name__} is answered by {answer} here and by {self.answers[message]} elsewhere")

    def restate(self, what: str, *, page: str, event: type[Event]) -> Callable[[F], F]:
        """Register what can be told again to a hearer that comes late: see `actors.restating`."""

        def register(function: F) -> F:
            if what in self.restatables:
                raise TypeError(f"{what} is restated twice")
            self.restatables[what] = restatable(what, page, event, function)
            return function

        return register

    def keep(self, *kept: ReadModel[Any, Any] | Journal[Any]) -> None:
        """Register stores, read models and journals. Stores are locked in the order given here.

        Raises TypeError for a read model that nothing loads, and for one that is loaded in two ways.
        """
        for one in kept:
            if isinstance(one, Journal):
                self.journals[one.row] = one
                continue
            if isinstance(one, Store):
                check_immutable(one.state)
            if (one.loaded_by is None) == (type(one).load is ReadModel.load):
                raise TypeError(f"{type(one).__name__} must have either a load of its own or a resource in loaded_by")
            self.stores[one.state] = one

    # -- reading signatures ---------------------------------------------------------------------

    def handlers(self) -> dict[type[Contract], Handler]:
        """Return every handler with its signature read; raises TypeError for a parameter it cannot make sense of."""
        return {message: self._read(message, function) for message, function in self.functions.items()}

    def effects(self) -> dict[type[msgspec.Struct], EffectHandler]:
        """Return every performer of effects with its signature read."""
        found: dict[type[msgspec.Struct], EffectHandler] = {}
        for effect, (function, concurrency) in self.effect_functions.items():
            hints = _hints(function)[1:]
            found[effect] = EffectHandler(effect, function, tuple(hint for _, hint in hints), concurrency)
        return found

    def resources(self) -> set[type]:
        """Return the types that handlers, performers and read models expect to be provided at composition."""
        wanted: set[type] = {store.loaded_by for store in self.stores.values() if store.loaded_by is not None}
        wanted |= {need for handler in self.handlers().values() for need in handler.needs if isinstance(need, type)}
        wanted |= {need for handler in self.effects().values() for need in handler.needs if need is not Attempt}
        return wanted

    def _read(self, message: type[Contract], function: Callable[..., Any]) -> Handler:
        parameters = _hints(function)
        if not parameters or parameters[0][1] is not message:
            raise TypeError(f"{function.__name__}: the first parameter must be annotated {message.__name__}")
        needs: list[StateNeed | type | None] = []
        for name, hint in parameters[1:]:
            needs.append(self._need(function, name, hint, needs))
        return Handler(
            message=message,
            function=function,
            needs=tuple(needs),
            states=tuple(need for need in needs if isinstance(need, StateNeed)),
            is_async=inspect.iscoroutinefunction(function),
        )

    def _need(
        self, function: Callable[..., Any], name: str, hint: Any, before: Sequence[StateNeed | type | None]
    ) -> StateNeed | type | None:
        field: str | None = None
        via: Via | None = None
        if typing.get_origin(hint) is Annotated:
            hint, *notes = typing.get_args(hint)
            field = next((note.field for note in notes if isinstance(note, Key)), None)
            via = next((note for note in notes if isinstance(note, Via)), None)
        hint, optional = _without_none(hint)
        if hint is Turn:
            return None
        if hint in self.stores:
            store = self.stores[hint]
            return StateNeed(store, field, optional, None if via is None else self._via(function, store, via, before))
        if not isinstance(hint, type):
            raise TypeError(f"{function.__name__}: parameter {name} needs the annotation of a state or a resource")
        return hint

    def _via(
        self,
        function: Callable[..., Any],
        store: ReadModel[Any, Any],
        via: Via,
        before: Sequence[StateNeed | type | None],
    ) -> tuple[StateNeed, Callable[[Any, Any], Any]]:
        """Return the earlier need that names this one; raises TypeError unless its store is locked before."""
        order = list(self.stores.values())
        for need in before:
            if isinstance(need, StateNeed) and need.store.state is via.state:
                if order.index(need.store) >= order.index(store):
                    raise TypeError(f"{function.__name__}: keep {via.state.__name__} before {store.state.__name__}")
                return need, via.find
        raise TypeError(f"{function.__name__}: names no {via.state.__name__} before the state found through it")


def _hints(function: Callable[..., Any]) -> list[tuple[str, Any]]:
    hints = typing.get_type_hints(function, include_extras=True)
    missing = [name for name in inspect.signature(function).parameters if name not in hints]
    if missing:
        raise TypeError(f"{function.__name__}: parameters without annotation: {', '.join(missing)}")
    return [(name, hints[name]) for name in inspect.signature(function).parameters]


def _without_none(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) not in (typing.Union, types.UnionType):
        return hint, False
    parts = [part for part in typing.get_args(hint) if part is not type(None)]
    return (parts[0], True) if len(parts) == 1 else (hint, False)
