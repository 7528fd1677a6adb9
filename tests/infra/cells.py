"""The permission matrix as the declarations have it: who may say and hear what.

Made without `actors.deploying.permissions`.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from actors.spec import ServiceSpec
from contracts.message import Command, Contract, Event, registered, shape_of
from contracts.subjects import stream_name
from devstack.stack import load_specs

SPECS = {spec.name: spec for spec in load_specs()}
OPERATORS = ("mira", "ben")
DEPLOYER = "deploy"
USERS = (*SPECS, *OPERATORS, DEPLOYER)
OWN_DOORS = (("dead_letter", "list"), ("dead_letter", "drop"), ("restate", "start"))
"""Some that the ground brings."""

_STREAM_VERBS = ("CREATE", "UPDATE", "INFO", "MSG.GET", "MSG.DELETE", "PURGE", "SNAPSHOT", "RESTORE", "DELETE")
_CONSUMER_VERBS = ("CREATE", "DURABLE.CREATE", "INFO", "MSG.NEXT", "PAUSE", "DELETE")
_READ_ONLY = ("INFO",)


class Cell(msgspec.Struct, frozen=True):
    """One user and one subject."""

    user: str
    subject: str
    allowed: bool


def said_on(contract: type[Contract], service: str, key: str = "42") -> str:
    """Return a subject on which `service` would say this."""
    keys = dict.fromkeys(shape_of(contract).fields, key)
    return contract.subject.format_map(keys | ({"service": service} if "service" in keys else {}))


def publishing() -> Iterator[Cell]:
    """Yield every cell of publishing."""
    for user in USERS:
        yield from _contracts(user)
        yield from _endpoints(user)
        yield from _timers(user)
        yield from _jetstream(user)
        yield from _inboxes(user)


def hearing() -> Iterator[Cell]:
    """Yield every cell of subscribing: messages come by consumers, and operators alone listen to events besides."""
    for user in USERS:
        for contract in registered():
            is_ours = shape_of(contract).owner in ("", *SPECS)
            listens = user in OPERATORS and is_ours and issubclass(contract, Event)
            yield Cell(user, said_on(contract, "gateway", "*"), allowed=listens)
        for subject in (">", "*.evt.>", "*.cmd.*.>", "*.due.>", "$JS.>", "$SYS.>", "_INBOX.>", "_INBOX_operator.>"):
            yield Cell(user, subject, allowed=False)
        for name in SPECS:
            yield Cell(user, f"_INBOX_{name}.>", allowed=user == name)
            yield Cell(user, f"query.{name}.>", allowed=user == name)
            yield Cell(user, f"admin.{name}.>", allowed=user == name)
            yield Cell(user, f"$SRV.PING.{name}", allowed=user == name)
            yield Cell(user, f"{name}.timer.>", allowed=False)
            yield Cell(user, f"{name}.evt.>", allowed=user in OPERATORS)
            for kind in ("cmd", "money", "due", "update", "payment", "ready"):
                yield Cell(user, f"{name}.{kind}.>", allowed=False)
        for name in OPERATORS:
            yield Cell(user, f"_INBOX_operator.{name}.>", allowed=user == name)
        yield Cell(user, "_INBOX_deploy.>", allowed=user == DEPLOYER)
        yield Cell(user, "$SRV.INFO", allowed=user in SPECS)


def _contracts(user: str) -> Iterator[Cell]:
    spec = SPECS.get(user)
    said = spec.publishes_all() if spec else ()
    for contract in registered():
        for sayer in (shape_of(contract).owner,) if shape_of(contract).owner else SPECS:
            own = bool(shape_of(contract).owner) or sayer == user
            yield Cell(user, said_on(contract, sayer), allowed=contract in said and own)


def _endpoints(user: str) -> Iterator[Cell]:
    for spec in SPECS.values():
        endpoints = [(admin.noun, admin.verb) for admin in spec.actor.admins]
        for noun, verb in (*endpoints, *OWN_DOORS):
            yield Cell(user, f"admin.{spec.name}.{noun}.{verb}", allowed=False)
            for name in (*OPERATORS, *SPECS):
                yield Cell(user, f"admin.{spec.name}.{noun}.{verb}.{name}", allowed=user == name and user in OPERATORS)
                vouches = user == name and f"admin.{spec.name}.{noun}.{verb}" in _vouched_by(user)
                yield Cell(user, f"admin.{spec.name}.{noun}.{verb}.{name}.42", allowed=vouches)
        asked = {question.subject for question in SPECS[user].asks} if user in SPECS else set[str]()
        for query in spec.actor.queries:
            yield Cell(user, query.subject, allowed=user in OPERATORS or query.subject in asked)
        for verb in ("PING", "INFO", "STATS"):
            yield Cell(user, f"$SRV.{verb}.{spec.name}", allowed=user in OPERATORS)


def _vouched_by(user: str) -> tuple[str, ...]:
    return SPECS[user].vouches if user in SPECS else ()


def _timers(user: str) -> Iterator[Cell]:
    for spec in SPECS.values():
        yield Cell(user, f"{spec.name}.timer.soon", allowed=user in (spec.name, DEPLOYER))
        for contract in registered():
            if shape_of(contract).owner == spec.name and issubclass(contract, Command):
                within = said_on(contract, spec.name).removeprefix(f"{spec.name}.")
                yield Cell(user, f"{spec.name}.due.{within}.soon", allowed=False)


def _jetstream(user: str) -> Iterator[Cell]:
    own = {(consumer.stream, consumer.durable) for consumer in SPECS[user].consumers()} if user in SPECS else set[Any]()
    consumers = {(consumer.stream, consumer.durable) for spec in SPECS.values() for consumer in spec.consumers()}
    for stream in sorted({stream_name(spec.name, kind) for spec in SPECS.values() for kind in spec.stream_kinds()}):
        for verb in _STREAM_VERBS:
            looks = user in OPERATORS and verb in _READ_ONLY
            yield Cell(user, f"$JS.API.STREAM.{verb}.{stream}", allowed=looks or user == DEPLOYER)
        may = user in (DEPLOYER, *OPERATORS) or stream in _told_again(user)
        yield Cell(user, f"$JS.API.CONSUMER.LIST.{stream}", allowed=may)
    for stream, consumer in sorted(consumers):
        pulls = (stream, consumer) in own
        for verb in _CONSUMER_VERBS:
            may = (pulls and verb in ("INFO", "MSG.NEXT")) or (user in OPERATORS and verb in _READ_ONLY)
            yield Cell(user, f"$JS.API.CONSUMER.{verb}.{stream}.{consumer}", allowed=may or user == DEPLOYER)
        yield Cell(user, f"$JS.ACK.{stream}.{consumer}.1.7.7.1774806120000000000.0", allowed=pulls)
    for subject in ("$SYS.REQ.SERVER.PING", "$SYS.REQ.ACCOUNT.APP.CONNZ", "$JS.FC.x", "anything"):
        yield Cell(user, subject, allowed=False)


def _told_again(user: str) -> set[str]:
    """A service that tells its state again looks who hears its events."""
    spec = SPECS.get(user)
    return {stream_name(user, "evt")} if spec and spec.actor.restatables else set()


def _inboxes(user: str) -> Iterator[Cell]:
    """A service answers at the inboxes of those who may ask it, and nobody else answers anybody."""
    for other in SPECS.values():
        yield Cell(user, f"_INBOX_{other.name}.abc.1", allowed=user in SPECS and user in _asked_by(other))
    for name in OPERATORS:
        yield Cell(user, f"_INBOX_operator.{name}.abc.1", allowed=user in SPECS)
    for subject in ("_INBOX_deploy.abc.1", "_INBOX.abc.1"):
        yield Cell(user, subject, allowed=False)


def _asked_by(spec: ServiceSpec) -> set[str]:
    commands = {shape_of(contract).owner for contract in spec.publishes}
    named = (*(question.subject for question in spec.asks), *spec.vouches)
    return commands | {subject.split(".")[1] for subject in named}


def matrix(cells: Sequence[Cell], seen: Iterable[Cell]) -> str:
    """Return the matrix as text: `+` allowed, `.` denied; `!` where the server did otherwise than declared."""
    actual = {(cell.user, cell.subject): cell.allowed for cell in seen}
    rows: dict[str, dict[str, str]] = {}
    for cell in cells:
        mark = "+" if actual[cell.user, cell.subject] else "."
        wrong = "!" if actual[cell.user, cell.subject] is not cell.allowed else " "
        rows.setdefault(cell.subject, {})[cell.user] = mark + wrong
    lines = [" ".join(f"{row.get(user, ''):<9}" for user in USERS) + f" {subject}" for subject, row in rows.items()]
    return "\n".join(("", " ".join(f"{user:<9}" for user in USERS), *lines))
