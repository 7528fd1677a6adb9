"""Alerts on what is no promise to players but leads to a broken one: what waits, what was put aside, what is gone."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec


class Symptom(msgspec.Struct, frozen=True, kw_only=True):
    """One alert of its own."""

    alert: str
    expr: str
    lasting: str
    """For how long before it alerts, as Prometheus writes it."""
    severity: str
    summary: str
    runbook: str
    """A file of `docs/runbooks`, with the section where it has several."""


SYMPTOMS: Final = (
    Symptom(
        alert="OutboxWaits",
        expr="max by (job) (starquiz_outbox_age_seconds) > 60",
        lasting="2m",
        severity="page",
        summary="What {{ $labels.job }} has to say has not been published for {{ $value | humanizeDuration }}.",
        runbook="nats_down.md",
    ),
    Symptom(
        alert="NothingIsTaken",
        expr="max by (job, stream, consumer) (starquiz_consumer_standstill_seconds) > 120",
        lasting="1m",
        severity="page",
        summary="{{ $labels.consumer }} has acknowledged nothing on {{ $labels.stream }} for "
        "{{ $value | humanizeDuration }}, and messages wait.",
        runbook="objectives.md#what-waits",
    ),
    Symptom(
        alert="BacklogGrows",
        expr="min_over_time(max by (job, stream, consumer) (starquiz_consumer_waiting)[15m:1m]) > 1000",
        lasting="5m",
        severity="ticket",
        summary="More than 1,000 messages have waited for {{ $labels.consumer }} on {{ $labels.stream }} all the time.",
        runbook="objectives.md#what-waits",
    ),
    Symptom(
        alert="DeadLetters",
        # The first of a type makes its series, which begins at 1: no increase shows that one.
        expr="sum by (job, type) (increase(starquiz_dead_letters_total[15m])) > 0"
        " or sum by (job, type) (starquiz_dead_letters_total unless starquiz_dead_letters_total offset 15m) > 0",
        lasting="0m",
        severity="ticket",
        summary="{{ $labels.job }} put messages of the type {{ $labels.type }} aside.",
        runbook="dead_letters.md",
    ),
    Symptom(
        alert="JobFails",
        expr='sum by (job, name) (increase(starquiz_jobs_total{outcome="failed"}[1h])) >= 3',
        lasting="0m",
        severity="ticket",
        summary="{{ $labels.job }}'s job {{ $labels.name }} failed {{ $value | humanize }} times within an hour.",
        runbook="alerts.md",
    ),
    Symptom(
        alert="NatsAway",
        expr="min by (job) (starquiz_nats_connected) == 0",
        lasting="1m",
        severity="page",
        summary="A process of {{ $labels.job }} has no connection to NATS.",
        runbook="nats_down.md",
    ),
    Symptom(
        alert="NothingIsStored",
        expr="min by (job) (starquiz_jetstream_stores) == 0",
        lasting="1m",
        severity="page",
        summary="JetStream stores nothing of what {{ $labels.job }} says, though connected. Is its disk full?",
        runbook="nats_disk_full.md",
    ),
    Symptom(
        alert="NatsDenies",
        expr="sum by (job) (increase(starquiz_permission_violations_total[15m])) > 0",
        lasting="0m",
        severity="ticket",
        summary="NATS denied {{ $labels.job }} a subject: its permissions are older than its build, or newer.",
        runbook="provisioning.md",
    ),
    Symptom(
        alert="WorkFails",
        expr="sum by (job, work) (increase(starquiz_restarts_total[30m])) >= 3",
        lasting="0m",
        severity="ticket",
        summary="{{ $labels.work }} of {{ $labels.job }} failed and was begun again {{ $value | humanize }} times.",
        runbook="objectives.md#work-that-fails",
    ),
    Symptom(
        alert="AlertsWait",
        expr="max by (channel) (alerts_queue_age_seconds) > 900",
        lasting="2m",
        severity="page",
        summary="Notices for {{ $labels.channel }} have waited for {{ $value | humanizeDuration }}.",
        runbook="alerts.md",
    ),
)


def alerts(services: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the rules; one more for each service, which nobody answers for once it is gone."""
    for symptom in SYMPTOMS:
        yield _rule(symptom)
    for service in services:
        yield _rule(_gone(service)) | {"labels": {"severity": "page", "service": service}}


def _gone(service: str) -> Symptom:
    return Symptom(
        alert="ServiceGone",
        expr=f'absent(up{{job="{service}"}} == 1)',
        lasting="2m",
        severity="page",
        summary=f"No process of {service} answers. What is measured by it says nothing any more.",
        runbook="objectives.md#a-service-is-gone",
    )


def _rule(symptom: Symptom) -> dict[str, Any]:
    return {
        "alert": symptom.alert,
        "expr": symptom.expr,
        "for": symptom.lasting,
        "labels": {"severity": symptom.severity},
        "annotations": {"summary": symptom.summary, "runbook": f"docs/runbooks/{symptom.runbook}"},
    }
