"""The deploy step: makes streams, consumers and cron schedules as the specs say, and reads them back.

Idempotent. Servers drop fields they do not know without a word, so whatever was asked for is compared with what the
server then reports; any difference fails the step with the field's name.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from nats.aio.client import Client

from actors.spec import Cron, Every, Feed, ServiceSpec
from contracts.envelope import ID, SOURCE, TYPE
from contracts.message import shape_of
from contracts.subjects import covers, due_subject, stream_name, stream_subjects, timer_subject

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
    nc: Client, specs: Sequence[ServiceSpec], *, replicas: int = 1, dedup_seconds: float = _DEDUP_SECONDS
) -> None:
    """Make everything that `specs` need. Raises ProvisionError and changes nothing further on the first difference.

    `dedup_seconds` is JetStream's dedup window, at least 0.1; it saves traffic, and nothing depends on it.
    """
    for spec in specs:
        for kind in spec.stream_kinds():
            await _stream(nc, stream_config(spec, kind, replicas=replicas, dedup_seconds=dedup_seconds))
    for spec in specs:
        for feed in spec.feeds():
            await _consumer(nc, feed)
        for schedule in spec.schedules:
            await _schedule(nc, spec, schedule)


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


def consumer_config(feed: Feed) -> dict[str, Any]:
    """Return the configuration of a durable consumer. `max_deliver` stays unlimited: the application counts."""
    config: dict[str, Any] = {
        "durable_name": feed.consumer,
        "ack_policy": "explicit",
        "deliver_policy": "all",
        "ack_wait": feed.ack_wait_seconds * _NANOSECONDS,
        "max_deliver": -1,
        "max_ack_pending": _ACK_PENDING_MAX,
    }
    if len(feed.filters) == 1:
        return config | {"filter_subject": feed.filters[0]}
    return config | {"filter_subjects": list(feed.filters)}


async def _stream(nc: Client, config: Mapping[str, Any]) -> None:
    name = config["name"]
    known = await _api(nc, f"STREAM.INFO.{name}", {}, absent=_STREAM_NOT_FOUND)
    verb = "CREATE" if known is None else "UPDATE"
    made = await _api(nc, f"STREAM.{verb}.{name}", config)
    _compare(f"stream {name}", config, (made or {})["config"])
    log.info("provisioned", stream=name, done=verb.lower())


async def _consumer(nc: Client, feed: Feed) -> None:
    config = consumer_config(feed)
    request = {"stream_name": feed.stream, "config": config}
    made = await _api(nc, f"CONSUMER.DURABLE.CREATE.{feed.stream}.{feed.consumer}", request)
    _compare(f"consumer {feed.stream}/{feed.consumer}", config, (made or {})["config"])
    log.info("provisioned", consumer=f"{feed.stream}/{feed.consumer}")


async def _schedule(nc: Client, spec: ServiceSpec, schedule: Cron | Every) -> None:
    shape = shape_of(schedule.due)
    subject = timer_subject(spec.name, f"cron.{shape.name}")
    headers = schedule.headers() | {
        "Nats-Schedule-Target": due_subject(spec.name, shape.name),
        ID: f"cron:{spec.name}.{shape.name}",
        TYPE: shape.type_name,
        SOURCE: spec.name,
    }
    try:
        await nc.jetstream().publish(subject, b"{}", headers=headers, timeout=5)
    except Exception as error:
        raise ProvisionError(f"schedule {subject} ({headers['Nats-Schedule']}): {error}") from error
    log.info("provisioned", schedule=shape.name, pattern=headers["Nats-Schedule"])


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


def check_consumer(feed: Feed, reported: Mapping[str, Any]) -> None:
    """Raise ProvisionError unless a consumer as reported by the server hears at least what this build asks.

    It may hear more, and differ in numbers: in a rolling deployment, and after a rollback, it is the newer build's.
    """
    what = f"consumer {feed.stream}/{feed.consumer}"
    heard = [*reported.get("filter_subjects", []), *filter(None, [reported.get("filter_subject")])]
    missing = [wanted for wanted in feed.filters if heard and not any(covers(one, wanted) for one in heard)]
    if missing:
        raise ProvisionError(f"{what} does not hear {', '.join(missing)}; it hears {', '.join(heard)}. Provision first")
    _compare(what, _NEEDED, reported)
    wanted = consumer_config(feed)
    differing = {name: reported.get(name) for name, value in wanted.items() if reported.get(name) != value}
    if differing:
        log.warning("consumer_differs", consumer=f"{feed.stream}/{feed.consumer}", **differing)


__all__ = ["ProvisionError", "check_consumer", "consumer_config", "provision", "stream_config"]
