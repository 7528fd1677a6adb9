"""Schedules: when a job runs, declared where the job is (DOMAIN §12).

    @actor.every(300, name="recovery")
    async def recover(job: Job) -> None: ...

Streams, consumers, rights and what provisioning stores follow from it. What fires is a message of the service's own,
on `<service>.due.<name>`, and no part of the language that services share.
"""

import inspect
import types
import typing
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, Final, Generic, ParamSpec, cast

import msgspec

from actors.jobs import Job
from contracts.berlin import ZONE
from contracts.message import Contract

P = ParamSpec("P")


_DAY: Final = 86_400
_COARSEST: Final = (7 * _DAY, 366 * _DAY, 31 * _DAY, _DAY, 3_600, 60)
"""How long it may be from one firing to the next when this is the coarsest field that says something: the day of the
week, the month, the day of the month, the hour, the minute, the second."""


class Due(Contract, frozen=True, kw_only=True):
    """What a schedule delivers to its job. It has no key."""


class Cron(msgspec.Struct, frozen=True):
    """A cron schedule fired by the NATS server, once, whatever the number of replicas.

    `pattern` has six fields: second, minute, hour, day of month, month, day of week.
    """

    pattern: str
    time_zone: str = ZONE.key

    def headers(self) -> dict[str, str]:
        """Return the NATS headers that make a stored message fire by it."""
        return {"Nats-Schedule": self.pattern, "Nats-Schedule-Time-Zone": self.time_zone}

    def period_seconds(self) -> int:
        """Return the longest time between two firings, about: by the coarsest field that is not `*`."""
        fields = self.pattern.split()
        return next((seconds for field, seconds in zip(reversed(fields), _COARSEST, strict=True) if field != "*"), 1)


class Every(msgspec.Struct, frozen=True):
    """A schedule with a fixed interval in seconds."""

    seconds: int

    def headers(self) -> dict[str, str]:
        """Return the NATS headers that make a stored message fire by it."""
        return {"Nats-Schedule": f"@every {self.seconds}s"}

    def period_seconds(self) -> int:
        """Return the time between two firings."""
        return self.seconds


class ScheduledJob(Generic[P]):
    """A job and its schedule. The function's parameters after the `Job` are what a firing may say.

    They have defaults, for a schedule says none of them; `turn.at(when, job.due(…), name=…)` fires one by hand.

    Its `name` is on the wire and in the database (the schedule's subject, the lock, what waits): whoever changes it
    leaves the old schedule on the server, see the runbook of provisioning.
    """

    def __init__(
        self,
        service: str,
        name: str | None,
        schedule: Cron | Every,
        function: Callable[Concatenate[Job, P], Awaitable[None]],
    ) -> None:
        """Declare it; raises TypeError for a parameter that a schedule could not give."""
        self.name = name or function.__name__
        self.schedule = schedule
        self.kind = _kind(service, self.name, function)
        self._function = function

    def due(self, *args: P.args, **kwargs: P.kwargs) -> Due:
        """Return a firing of it, for `turn.at` or a test."""
        return self.kind(*args, **kwargs)

    async def run(self, due: Due, job: Job) -> None:
        """Run it with what the firing says."""
        said: dict[str, Any] = {field: getattr(due, field) for field in due.__struct_fields__}
        await self._function(job, **said)  # type: ignore[call-arg]


def _kind(service: str, name: str, function: Callable[..., Any]) -> type[Due]:
    """Return the type of what fires the job, findable by its type name."""
    first, *more = inspect.signature(function).parameters.values()
    hints = typing.get_type_hints(function)
    if hints.get(first.name) is not Job:
        raise TypeError(f"{function.__name__}: the first parameter must be annotated Job")
    fields: dict[str, Any] = {}
    for parameter in more:
        if parameter.default is parameter.empty or parameter.name not in hints:
            raise TypeError(f"{function.__name__}: parameter {parameter.name} needs an annotation and a default")
        fields[parameter.name] = hints[parameter.name]
    body = {
        **{parameter.name: parameter.default for parameter in more},
        "__annotations__": fields,
        "__module__": function.__module__,
        "__doc__": function.__doc__,
        "subject": f"{service}.due.{name}",
    }
    name_of_class = f"{name.title().replace('_', '')}Due"
    made = types.new_class(name_of_class, (Due,), {"frozen": True, "kw_only": True}, lambda space: space.update(body))
    return cast("type[Due]", made)
