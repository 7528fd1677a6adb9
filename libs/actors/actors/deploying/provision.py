"""The deploy step: makes streams, consumers and cron schedules as the specs say, and reads them back.

Idempotent. Servers drop fields they do not know without a word, so whatever was asked for is compared with what the
server then reports; any difference fails the step with the field's name.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from actors.schedules import ScheduledJob
from actors.spec import ConsumerSpec, ServiceSpec
from contracts.envelope import ID, SOURCE, TYPE
from contracts.message import shape_of
from contracts.subjects import (
    covers,
    due_subject,
    ready_stream,
    ready_subject,
    stream_name,
    stream_subjects,
    timer_subject,
)

_NANOSECONDS: Final = 1_000_000_000
_DAY_SECONDS: Final = 86_400
_EVENTS_KEPT_DAYS: Final = 7
_WORK_KEPT_DAYS: Final = 14
_DEDUP_SECONDS: Final = 120
_ACK_PENDING_MAX: Final = 2_000
_STREAM_NOT_FOUND: Final = 10059
_NEEDED: Final = {"ack_policy": "explicit", "max_deliver": -1, "headers_only": False, "deliver_subject": ""}
"""Without these a consumer loses messages, or is none to pull from."""

log = structlog.get_logger()


class ProvisionError(Exception):
    """The server refused a stream, consumer or schedule, or made it otherwise than asked; the text names the field."""


async def provision(
    nc: Client,
    specs: Sequence[ServiceSpec],
    *,
    replicas: int = 1,
    dedup_seconds: float = _DEDUP_SECONDS,
    storage: str = "file",
    bytes_max: int | None = None,
    fewer_replicas: bool = False,
) -> None:
    """Make everything that `specs` need. Raises ProvisionError and changes nothing further on the first difference.

    `dedup_seconds` is JetStream's dedup window, at least 0.1; it saves traffic, and nothing depends on it. `bytes_max`
    limits each stream. A stream keeps no fewer replicas than it has unless `fewer_replicas`. A service that hears
    another one may come first: all else is made, then the error names whose stream is missing.
    """
    for spec in specs:
        for kind in spec.stream_kinds():
            config = stream_config(spec, kind, replicas=replicas, dedup_seconds=dedup_seconds)
            config |= {"storage": storage} | ({} if bytes_max is None else {"max_bytes": bytes_max})
            await _stream(nc, config, fewer_replicas=fewer_replicas)
        await _stream(nc, ready_config(spec, replicas=replicas, storage=storage), fewer_replicas=fewer_replicas)
    hearer_of: dict[str, str] = {}
    for spec in specs:
        for job in spec.actor.schedules.values():
            await _schedule(nc, spec, job)
        for consumer in spec.consumers():
            if not await _consumer(nc, consumer):
                hearer_of[consumer.stream] = spec.name
    if hearer_of:
        raise ProvisionError("; ".join(_not_there(stream, hearer) for stream, hearer in hearer_of.items()))


def _not_there(stream: str, hearer: str) -> str:
    owner = stream.rpartition("_")[0].lower()
    return (
        f"stream {stream} of service {owner} is not there yet: run `python -m {owner} provision` first, then "
        f"`python -m {hearer} provision` again; all else of {hearer} is made"
    )


def stream_config(
    spec: ServiceSpec, kind: str, *, replicas: int, dedup_seconds: float = _DEDUP_SECONDS
) -> dict[str, Any]:
    """Return the configuration of one of the service's streams, as the server reports it back."""
    config: dict[str, Any] = {
        "name": stream_name(spec.name, kind),
        "subjects": list(stream_subjects(spec.name, kind)),
        "retention": "limits" if kind == "evt" else "workqueue",
        "storage": "file",
        "num_replicas": replicas,
        "discard": "old",
        "duplicate_window": int(dedup_seconds * _NANOSECONDS),
        "max_age": (_EVENTS_KEPT_DAYS if kind == "evt" else _WORK_KEPT_DAYS) * _DAY_SECONDS * _NANOSECONDS,
    }
    if kind == "due":
        # Schedules live until replaced: an age limit would let cron die out.
        config |= {"allow_msg_schedules": True, "max_age": 0}
    elif kind != "evt" and kind not in spec.unbounded:
        config |= {
            "discard": "new",
            "discard_new_per_subject": True,
            "max_msgs_per_subject": spec.mailbox_messages_max,
        }
    return config


def ready_config(spec: ServiceSpec, *, replicas: int, storage: str = "file") -> dict[str, Any]:
    """Return the configuration of the stream in which the service sees whether JetStream stores; it keeps one."""
    return {
        "name": ready_stream(spec.name),
        "subjects": [ready_subject(spec.name)],
        "retention": "limits",
        "storage": storage,
        "num_replicas": replicas,
        "discard": "old",
        "max_msgs": 1,
    }


def consumer_config(consumer: ConsumerSpec) -> dict[str, Any]:
    """Return the configuration of a durable consumer. `max_deliver` stays unlimited: the application counts."""
    config: dict[str, Any] = {
        "durable_name": consumer.durable,
        "ack_policy": "explicit",
        "deliver_policy": "all",
        "ack_wait": consumer.ack_wait_seconds * _NANOSECONDS,
        "max_deliver": -1,
        "max_ack_pending": _ACK_PENDING_MAX,
    }
    if len(consumer.filters) == 1:
        return config | {"filter_subject": consumer.filters[0]}
    return config | {"filter_subjects": list(consumer.filters)}


async def _stream(nc: Client, config: Mapping[str, Any], *, fewer_replicas: bool) -> None:
    name = config["name"]
    known = await _api(nc, f"STREAM.INFO.{name}", {}, absent=_STREAM_NOT_FOUND)
    has = 0 if known is None else known["config"]["num_replicas"]
    if has > config["num_replicas"] and not fewer_replicas:
        raise ProvisionError(
            f"stream {name}: it has {has} replicas, STREAM_REPLICAS asks for {config['num_replicas']}. "
            "Fewer would lose what only those hold; say --fewer-replicas if that is meant"
        )
    verb = "CREATE" if known is None else "UPDATE"
    made = await _api(nc, f"STREAM.{verb}.{name}", config)
    _compare(f"stream {name}", config, (made or {})["config"])
    log.info("provisioned", stream=name, done=verb.lower())


async def _consumer(nc: Client, consumer: ConsumerSpec) -> bool:
    """Make a consumer; returns False when its stream, which is another service's, is not there yet."""
    config = consumer_config(consumer)
    request = {"stream_name": consumer.stream, "config": config}
    subject = f"CONSUMER.DURABLE.CREATE.{consumer.stream}.{consumer.durable}"
    if await _api(nc, subject, request, absent=_STREAM_NOT_FOUND) is None:
        return False
    # To the first change after a restart the server answers with what the consumer was before it.
    made = await _api(nc, f"CONSUMER.INFO.{consumer.stream}.{consumer.durable}", {}) or {}
    _compare(f"consumer {consumer.stream}/{consumer.durable}", config, made["config"])
    log.info("provisioned", consumer=f"{consumer.stream}/{consumer.durable}")
    return True


async def _schedule(nc: Client, spec: ServiceSpec, job: ScheduledJob[...]) -> None:
    shape = shape_of(job.kind)
    subject = timer_subject(spec.name, f"cron.{shape.name}")
    headers = job.schedule.headers() | {
        "Nats-Schedule-Target": due_subject(spec.name, shape.name),
        ID: f"cron:{spec.name}.{shape.name}",
        TYPE: shape.type_name,
        SOURCE: spec.name,
    }
    try:
        if await _is_stored(nc, stream_name(spec.name, "due"), subject, headers):
            return
        await nc.jetstream().publish(subject, b"{}", headers=headers, timeout=5)
    except Exception as error:
        raise ProvisionError(f"schedule {subject} ({headers['Nats-Schedule']}): {error}") from error
    log.info("provisioned", schedule=shape.name, pattern=headers["Nats-Schedule"])


async def _is_stored(nc: Client, stream: str, subject: str, headers: Mapping[str, str]) -> bool:
    """Whether the schedule is there as it is to be: storing it anew would begin its interval anew.

    Provisioned more often than it fires, it would never fire.
    """
    try:
        known = await nc.jetstream().get_last_msg(stream, subject)
    except NotFoundError:
        return False
    return known.data == b"{}" and headers.items() <= (known.headers or {}).items()


async def _api(nc: Client, subject: str, body: Mapping[str, Any], *, absent: int = 0) -> dict[str, Any] | None:
    answer = await nc.request(f"$JS.API.{subject}", json.dumps(body).encode(), timeout=10)
    found: dict[str, Any] = json.loads(answer.data)
    error = found.get("error")
    if error is None:
        return found
    if absent and error.get("err_code") == absent:
        return None
    raise ProvisionError(f"{subject}: {error.get('description')} ({error.get('err_code')})")


def _compare(what: str, wanted: Mapping[str, Any], made: Mapping[str, Any]) -> None:
    for field, value in wanted.items():
        # The server leaves out fields that have their zero value.
        if made.get(field, type(value)()) != value:
            raise ProvisionError(f"{what}: {field} is {made.get(field)!r}, asked for {value!r}")


def check_consumer(consumer: ConsumerSpec, reported: Mapping[str, Any]) -> None:
    """Raise ProvisionError unless a consumer as reported by the server hears at least what this build asks.

    It may hear more, and differ in numbers: in a rolling deployment, and after a rollback, it is the newer build's.
    """
    what = f"consumer {consumer.stream}/{consumer.durable}"
    heard = [*reported.get("filter_subjects", []), *filter(None, [reported.get("filter_subject")])]
    missing = [wanted for wanted in consumer.filters if heard and not any(covers(one, wanted) for one in heard)]
    if missing:
        raise ProvisionError(f"{what} does not hear {', '.join(missing)}; it hears {', '.join(heard)}. Provision first")
    _compare(what, _NEEDED, reported)
    wanted = consumer_config(consumer)
    differing = {name: reported.get(name) for name, value in wanted.items() if reported.get(name) != value}
    if differing:
        log.warning("consumer_differs", consumer=f"{consumer.stream}/{consumer.durable}", **differing)


__all__ = ["ProvisionError", "check_consumer", "consumer_config", "provision", "stream_config"]
