"""The rules of symptoms: each calls when it should and stops when that is over, and each tells a page that is there."""

import re
from pathlib import Path
from typing import Final

import pytest
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric
from tests.observability.promtool import Play, check

import actors.metrics
import alerts.metrics
import gateway.metrics
from observability import generate
from observability.objectives import OBJECTIVES, Objective
from observability.symptoms import SYMPTOMS

_ROOT: Final = Path(__file__).parents[2]
_MEASURED: Final = (actors.metrics, alerts.metrics, gateway.metrics)
"""Imported for what they register."""

CASES: Final = {
    "OutboxWaits": ('starquiz_outbox_age_seconds{job="payments"}', "0x9 90x10 0x20", "9m", "15m", "25m"),
    "NothingIsTaken": (
        'starquiz_consumer_standstill_seconds{job="payments",stream="PAYMENTS_MONEY",consumer="payments_money"}',
        "0x9 130+60x10 0x20",
        "9m",
        "15m",
        "25m",
    ),
    "BacklogGrows": (
        'starquiz_consumer_waiting{job="gateway",stream="GATEWAY_UPDATES",consumer="gateway"}',
        "0x9 5000x40 0x20",
        "20m",
        "40m",
        "55m",
    ),
    "DeadLetters": ('starquiz_dead_letters_total{job="promo",type="promo.cmd.redeem"}', "_x9 1x60", "8m", "12m", "50m"),
    "JobFails": (
        'starquiz_jobs_total{job="promo",name="promises",outcome="failed"}',
        "0x9 0+1x9 9x90",
        "9m",
        "20m",
        "100m",
    ),
    "NatsAway": ('starquiz_nats_connected{job="promo"}', "1x9 0x10 1x20", "9m", "15m", "25m"),
    "NothingIsStored": ('starquiz_jetstream_stores{job="promo"}', "1x9 0x10 1x20", "9m", "15m", "25m"),
    "NatsDenies": ('starquiz_permission_violations_total{job="promo"}', "0x9 3x60", "9m", "12m", "40m"),
    "WorkFails": ('starquiz_restarts_total{job="gateway",work="polling"}', "0x9 0+1x9 9x60", "9m", "20m", "70m"),
    "AlertsWait": ('alerts_queue_age_seconds{job="alerts",channel="slack"}', "0x9 901+60x10 0x20", "9m", "15m", "25m"),
}
"""By alert: a series, its values minute by minute, and when it is quiet, fires, and is over."""


def test_each_symptom_alerts_and_clears_and_is_silent_where_nothing_is_measured(tmp_path: Path) -> None:
    assert CASES.keys() == {one.alert for one in SYMPTOMS}
    plays: list[Play] = []
    for alert, (series, values, quiet, loud, over) in CASES.items():
        labels = f'alertname="{alert}"'
        plays.append(Play({series: values}, "1m", [(quiet, labels, 0), (loud, labels, 1), (over, labels, 0)]))
        plays.append(Play({'up{job="another"}': "1x60"}, "1m", [("1h", labels, 0)]))
    check(tmp_path, plays)


def test_a_dead_letter_of_a_known_type_alerts_again(tmp_path: Path) -> None:
    series = {'starquiz_dead_letters_total{job="promo",type="a"}': "1x60 2x60"}
    labels = 'alertname="DeadLetters"'
    check(tmp_path, [Play(series, "1m", [("50m", labels, 0), ("65m", labels, 1), ("110m", labels, 0)])])


def test_a_service_without_a_process_that_answers_is_missed(tmp_path: Path) -> None:
    """Two processes: one that is away is not missed while the other answers."""
    plays: list[Play] = []
    for service in generate.services():
        first, second = (f'up{{job="{service}",instance="{number}"}}' for number in (1, 2))
        labels = f'alertname="ServiceGone",service="{service}"'
        series = {first: "1x9 0x30 1x20", second: "1x19 0x20 0x20"}
        plays.append(Play(series, "1m", [("18m", labels, 0), ("30m", labels, 1), ("50m", labels, 0)]))
    check(tmp_path, plays)


# -- what the rules speak of is there -----------------------------------------------------------


def _registered() -> dict[str, Metric]:
    assert all(module.__doc__ for module in _MEASURED)
    return {sample: metric for metric in REGISTRY.collect() for sample in _samples_of(metric)}


def _samples_of(metric: Metric) -> list[str]:
    endings = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}.get(metric.type, ("",))
    return [f"{metric.name}{ending}" for ending in endings]


def test_every_metric_of_a_rule_is_measured() -> None:
    said = " ".join(rule["expr"] for group in generate.rules()["groups"] for rule in group["rules"])
    named = set(re.findall(r"\b(?:starquiz|gateway|payments|promo|referrals|gameplay|alerts)_[a-z_]+\b", said))
    assert len(named) > 10
    assert named <= _registered().keys()


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda one: one.name)
def test_the_bound_of_what_is_promised_is_a_bucket(objective: Objective) -> None:
    actors.metrics.took_seconds("payment_credited")  # as payments has it from the start
    families = [metric for metric in REGISTRY.collect() if metric.name == objective.histogram]
    bounds = {sample.labels["le"] for metric in families for sample in metric.samples if "le" in sample.labels}
    assert str(float(objective.within_s)) in bounds


def test_every_alert_leads_to_a_section_that_is_there() -> None:
    rules = [rule for group in generate.rules()["groups"] for rule in group["rules"] if "alert" in rule]
    for runbook in {rule["annotations"]["runbook"] for rule in rules}:
        page, _, section = runbook.partition("#")
        assert not section or section in _sections(_ROOT / page), f"{page} has no section {section}"


def _sections(page: Path) -> set[str]:
    heads = [line[2:] for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    return {re.sub(r"[^a-z0-9-]", "", head.strip(" #").lower().replace(" ", "-")) for head in heads}
