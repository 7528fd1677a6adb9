"""Allow lists of NATS users, derived from the specs: a service may publish and hear exactly what it declares."""

from collections.abc import Sequence

import msgspec

from actors.spec import ServiceSpec
from contracts.message import shape_of, wildcard_of
from contracts.subjects import (
    COMMAND_KINDS,
    OPERATORS_INBOX,
    admin_subject,
    check_operator,
    inbox_prefix,
    operator_inbox_prefix,
    ready_subject,
    stream_name,
    vouched_subject,
)

_DISCOVERY_VERBS = ("PING", "INFO", "STATS")


class Permissions(msgspec.Struct, frozen=True):
    """What one NATS user may do; everything else is denied."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    inbox_prefix: str


def permissions(spec: ServiceSpec, specs: Sequence[ServiceSpec]) -> Permissions:
    """Return the allow list of a service among all of them."""
    publish: set[str] = set()
    for contract in spec.publishes_all():
        publish.add(wildcard_of(contract, spec.name))
    publish |= {f"{spec.name}.timer.>", ready_subject(spec.name)}
    publish |= {query.subject for query in spec.asks}
    publish |= {vouched_subject(endpoint, spec.name) for endpoint in spec.vouches}
    # Whoever may ask is answered at their inbox, and nobody anywhere else.
    publish |= {f"{inbox_prefix(other.name)}.>" for other in specs if _may_ask(other, spec)}
    publish.add(f"{OPERATORS_INBOX}.>")
    if spec.actor.restatables:
        # Who there is to be told something again.
        publish.add(f"$JS.API.CONSUMER.LIST.{stream_name(spec.name, 'evt')}")
    for consumer in spec.consumers():
        publish |= _consuming(consumer.stream, consumer.durable)
    subscribe = {f"{inbox_prefix(spec.name)}.>", f"admin.{spec.name}.>", *_asked_under(spec)}
    for verb in _DISCOVERY_VERBS:
        subscribe |= {f"$SRV.{verb}", f"$SRV.{verb}.{spec.name}", f"$SRV.{verb}.{spec.name}.*"}
    return Permissions(tuple(sorted(publish)), tuple(sorted(subscribe)), inbox_prefix(spec.name))


def deployer() -> Permissions:
    """Return the allow list of the deploy step, which provisions streams and consumers."""
    return Permissions(("$JS.API.>", "*.timer.>"), ("_INBOX_deploy.>",), "_INBOX_deploy")


def operator(name: str, specs: Sequence[ServiceSpec]) -> Permissions:
    """Return the allow list of one operator at these services: ask queries, give admin commands in their own name.

    Besides they may look at streams and services, and hear events as they are said: no commands, and no updates.
    Raises ValueError for a name that cannot stand in a subject.
    """
    who = check_operator(name)
    publish = {subject for spec in specs for subject in _asked_under(spec)}
    publish |= {admin_subject(spec.name, "*", "*", who) for spec in specs}
    publish |= {f"$SRV.{verb}{rest}" for verb in _DISCOVERY_VERBS for rest in ("", ".>")}
    publish |= {"$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.STREAM.INFO.*"}
    publish |= {"$JS.API.CONSUMER.LIST.*", "$JS.API.CONSUMER.INFO.*.*"}
    prefix = operator_inbox_prefix(who)
    hear = {f"{prefix}.>", *(f"{spec.name}.evt.>" for spec in specs)}
    return Permissions(tuple(sorted(publish)), tuple(sorted(hear)), prefix)


def _consuming(stream: str, consumer: str) -> set[str]:
    return {
        f"$JS.API.CONSUMER.INFO.{stream}.{consumer}",
        f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}",
        # Acknowledgements: today's subjects, and those with domain and account in front.
        f"$JS.ACK.{stream}.{consumer}.>",
        f"$JS.ACK.*.*.{stream}.{consumer}.>",
    }


def _may_ask(asker: ServiceSpec, answerer: ServiceSpec) -> bool:
    """Whether `answerer` may hear commands or questions from `asker`, so that it must be able to answer."""
    commands = {shape_of(c).owner for c in asker.publishes if shape_of(c).kind in COMMAND_KINDS}
    answered = {query.subject for query in answerer.actor.queries}
    vouched = {endpoint.split(".")[1] for endpoint in asker.vouches}
    return answerer.name in commands | vouched or any(query.subject in answered for query in asker.asks)


def _asked_under(spec: ServiceSpec) -> set[str]:
    """Return what covers a service's queries: its own name's, and what some are about."""
    owners = {query.subject.split(".")[1] for query in spec.actor.queries}
    return {f"query.{owner}.>" for owner in (spec.name, *owners)}
