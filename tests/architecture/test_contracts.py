"""What is said is heard, what is due is done, and each service may say and hear what it declares and nothing else."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from actors.deploying.permissions import Permissions, operator, permissions
from actors.spec import ConsumerSpec, ServiceSpec
from contracts.generate import language
from contracts.ground import GROUND
from contracts.message import Command, Contract, Event, answer_of, shape_of
from contracts.subjects import admin_subject, covers, stream_name
from devstack.services import rooms
from devstack.stack import load_specs

LANGUAGE = language()
SPECS = {spec.name: spec for spec in load_specs()}
_PACKAGES = {room.name: room.package for room in rooms()}
_EVERY_SERVICE = pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)


def _of(kind: type[Contract]) -> list[Any]:
    return [pytest.param(c, id=c.__name__) for c in LANGUAGE if issubclass(c, kind)]


def _concrete(contract: type[Contract], service: str = "", hearer: str = "42") -> str:
    """Return a subject the contract may travel on."""
    fields = dict.fromkeys(shape_of(contract).fields, "42")
    fields |= {"hearer": hearer} if "hearer" in fields else {}
    return contract.subject.format_map(fields | ({"service": service} if "service" in fields else {}))


def _may(allowed: tuple[str, ...], subject: str) -> bool:
    return any(covers(pattern, subject) for pattern in allowed)


# -- what is said is heard ----------------------------------------------------------------------


@pytest.mark.parametrize("contract", _of(Contract))
def test_a_contract_has_an_owner_among_the_services(contract: type[Contract]) -> None:
    assert contract in GROUND or shape_of(contract).owner in SPECS


@pytest.mark.parametrize("contract", _of(Command))
def test_a_command_has_one_handler_and_it_is_its_owners(contract: type[Contract]) -> None:
    assert [name for name, spec in SPECS.items() if contract in spec.subscribes()] == [shape_of(contract).owner]


@pytest.mark.parametrize("contract", _of(Event))
def test_an_event_is_heard_or_kept_on_record(contract: type[Contract]) -> None:
    owners = list(SPECS.values()) if contract in GROUND else [SPECS[shape_of(contract).owner]]
    hearers = [name for name, spec in SPECS.items() if contract in spec.subscribes()]
    on_record = any(contract in owner.on_record for owner in owners)
    assert hearers or on_record or contract in GROUND, "nobody hears it: list it in SPEC.on_record"


@_EVERY_SERVICE
def test_what_is_on_record_is_said_by_the_service_itself(spec: ServiceSpec) -> None:
    assert set(spec.on_record) <= set(spec.events())
    assert {shape_of(contract).owner for contract in spec.on_record} <= {spec.name}


@_EVERY_SERVICE
def test_what_crosses_a_service_s_border_is_in_the_language(spec: ServiceSpec) -> None:
    assert [c.__name__ for c in (*spec.events(), *spec.publishes) if c not in LANGUAGE] == []
    heard_from_others = [c for c in spec.subscribes() if shape_of(c).owner != spec.name]
    assert [c.__name__ for c in heard_from_others if c not in LANGUAGE] == []


@_EVERY_SERVICE
def test_a_service_says_its_own_events_and_commands_only(spec: ServiceSpec) -> None:
    assert set(spec.publishes) & set(spec.events()) == set(), "own events need no line"
    assert {shape_of(c).owner for c in spec.publishes if not issubclass(c, Command)} <= {spec.name}


@_EVERY_SERVICE
def test_a_service_makes_what_it_declares_and_declares_what_it_makes(spec: ServiceSpec) -> None:
    """Otherwise NATS refuses a message in production, or an allow list is wider than the code."""
    made = set(_made(_PACKAGES[spec.name]))
    border = {c for c in LANGUAGE if issubclass(c, Event | Command)}
    sayable = {c for c in border if shape_of(c).owner == spec.name and issubclass(c, Event)}
    sayable |= {c for c in border if shape_of(c).owner != spec.name and issubclass(c, Command)}
    assert {c.__name__ for c in sayable} & made <= {c.__name__ for c in (*spec.events(), *spec.publishes)}
    assert {c.__name__ for c in (*spec.events(), *spec.publishes)} <= made


def _made(package: Path) -> Iterator[str]:
    """Yield the names of all that the package's code calls or hands on as a class."""
    for file in package.rglob("*.py"):
        if file.name != "app.py":
            tree = ast.parse(file.read_text(encoding="utf-8"))
            yield from (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


# -- what is due is done ------------------------------------------------------------------------


def test_what_is_due_is_no_part_of_the_language() -> None:
    assert [contract.__name__ for contract in LANGUAGE if shape_of(contract).kind == "due"] == []


@_EVERY_SERVICE
def test_a_service_schedules_and_does_its_own_jobs_only(spec: ServiceSpec) -> None:
    assert {job.kind for job in spec.actor.schedules.values()} == set(spec.actor.jobs)
    assert {shape_of(due).owner for due in spec.actor.jobs} <= {spec.name}


# -- consumers ----------------------------------------------------------------------------------


def _consumers() -> list[tuple[str, ConsumerSpec]]:
    return [(name, consumer) for name, spec in SPECS.items() for consumer in spec.consumers()]


def test_no_two_services_share_a_consumer() -> None:
    names = Counter((consumer.stream, consumer.durable) for _, consumer in _consumers())
    assert [name for name, count in names.items() if count > 1] == []


def test_a_consumer_listens_to_a_stream_that_somebody_owns() -> None:
    streams = {stream_name(name, kind) for name, spec in SPECS.items() for kind in spec.stream_kinds()}
    assert {consumer.stream for _, consumer in _consumers()} <= streams


def test_on_a_work_queue_each_message_has_one_consumer() -> None:
    """JetStream refuses overlapping consumers there; a service of its own may split one by lanes."""
    for spec in SPECS.values():
        for kind in set(spec.stream_kinds()) - {"evt"}:
            patterns = [
                f
                for _, consumer in _consumers()
                if consumer.stream == stream_name(spec.name, kind)
                for f in consumer.filters
            ]
            overlapping = [
                (a, b) for n, a in enumerate(patterns) for b in patterns[n + 1 :] if covers(a, b) or covers(b, a)
            ]
            assert overlapping == []


@_EVERY_SERVICE
def test_every_message_a_service_hears_reaches_it_by_exactly_one_consumer(spec: ServiceSpec) -> None:
    for contract in spec.subscribes():
        if contract not in LANGUAGE:
            continue
        for owner in [shape_of(contract).owner] if shape_of(contract).owner else SPECS:
            stream, subject = stream_name(owner, shape_of(contract).kind), _concrete(contract, owner, spec.name)
            consumers = [
                consumer
                for consumer in spec.consumers()
                if consumer.stream == stream and _may(consumer.filters, subject)
            ]
            assert len(consumers) == 1, f"{contract.__name__} of {owner}: see SPEC.listens_to"


@_EVERY_SERVICE
def test_a_service_listens_to_services_that_stand(spec: ServiceSpec) -> None:
    assert set(spec.listens_to) <= set(SPECS)


# -- least privilege ----------------------------------------------------------------------------


def _rights(spec: ServiceSpec) -> Permissions:
    return permissions(spec, list(SPECS.values()))


@_EVERY_SERVICE
def test_a_service_may_publish_what_it_says(spec: ServiceSpec) -> None:
    subjects = [_concrete(contract, spec.name) for contract in spec.publishes_all()]
    subjects.append(f"{spec.name}.timer.some-timer")
    assert [subject for subject in subjects if not _may(_rights(spec).publish, subject)] == []


@_EVERY_SERVICE
def test_a_service_may_pull_and_acknowledge_what_it_hears(spec: ServiceSpec) -> None:
    for consumer in spec.consumers():
        for subject in (
            f"$JS.API.CONSUMER.INFO.{consumer.stream}.{consumer.durable}",
            f"$JS.API.CONSUMER.MSG.NEXT.{consumer.stream}.{consumer.durable}",
            f"$JS.ACK.{consumer.stream}.{consumer.durable}.1.7.7.1774806120000000000.0",
        ):
            assert _may(_rights(spec).publish, subject), subject


@_EVERY_SERVICE
def test_a_service_may_serve_its_doors_and_hear_its_answers(spec: ServiceSpec) -> None:
    endpoints = [query.subject for query in spec.actor.queries]
    endpoints += [admin_subject(spec.name, admin.noun, admin.verb, "mira") for admin in spec.actor.admins]
    endpoints.append(admin_subject(spec.name, "dead_letter", "list", "mira"))
    assert [s for s in (*endpoints, f"_INBOX_{spec.name}.abc.1") if not _may(_rights(spec).subscribe, s)] == []
    rights = operator("mira", list(SPECS.values()))
    assert [subject for subject in endpoints if not _may(rights.publish, subject)] == []


@_EVERY_SERVICE
def test_a_service_asks_what_another_answers_and_nothing_else(spec: ServiceSpec) -> None:
    answered = {q.subject: q for o in SPECS.values() for q in o.actor.queries}
    for question in spec.asks:
        assert answered[question.subject].request is question, question.subject
        assert answered[question.subject].response is answer_of(question), question.subject
    asked = {question.subject for question in spec.asks}
    assert [subject for subject in answered if _may(_rights(spec).publish, subject) != (subject in asked)] == []
    assert asked.isdisjoint(query.subject for query in spec.actor.queries)


@_EVERY_SERVICE
def test_a_service_may_not_say_what_is_another_s_or_hear_what_is_not_declared(spec: ServiceSpec) -> None:
    rights = _rights(spec)
    for contract in LANGUAGE:
        shape = shape_of(contract)
        if contract in GROUND or shape.owner == spec.name:
            continue
        subject = _concrete(contract)
        assert _may(rights.publish, subject) == (contract in spec.publishes), subject
        # Messages come by consumers, never by a plain subscription past the stream.
        assert not _may(rights.subscribe, subject), subject
    for other in SPECS.values():
        if other is not spec:
            assert not _may(rights.subscribe, f"_INBOX_{other.name}.abc.1")
            assert not _may(rights.publish, f"{other.name}.timer.some-timer")
            assert not _may(rights.publish, f"$JS.API.CONSUMER.MSG.NEXT.{stream_name(other.name, 'cmd')}.{other.name}")


@_EVERY_SERVICE
def test_no_service_may_change_streams_or_everything(spec: ServiceSpec) -> None:
    rights = _rights(spec)
    for subject in ("$JS.API.STREAM.DELETE.X", "$JS.API.STREAM.CREATE.X", "$JS.API.CONSUMER.DELETE.X.y", "$SYS.x"):
        assert not _may(rights.publish, subject), subject
    assert not {">", "*"} & {*rights.publish, *rights.subscribe}
