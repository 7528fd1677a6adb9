"""The schedules that servers hold: a deployment replaces them under the names they have, and doubles none."""

import inspect
import uuid
from typing import Final

import pytest

from actors.schedules import Every
from actors.spec import ServiceSpec
from contracts.message import decode, find, shape_of, subject_of
from devstack.stack import load_specs

SCHEDULES: Final = {
    "gameplay.due.streak_settlement": "0 10 0 * * *",
    "gameplay.due.daily_push": "0 0 8 * * *",
    "gameplay.due.daily_reminder": "0 0 19 * * *",
    "gameplay.due.streak_reminder": "0 0 20 * * *",
    "gameplay.due.round_sweep": "@every 300s",
    "gameplay.due.retention": "@every 3600s",
    "gateway.due.retention": "@every 3600s",
    "gateway.due.update_health": "@every 300s",
    "payments.due.recovery": "@every 300s",
    "payments.due.stale_invoices": "@every 300s",
    "payments.due.reconciliation": "@every 900s",
    "payments.due.full_reconciliation": "0 30 3 * * *",
    "payments.due.goods_comparison": "@every 900s",
    "payments.due.full_goods_comparison": "0 45 3 * * *",
    "payments.due.reference_rates": "@every 3600s",
    "payments.due.retention": "@every 3600s",
}
"""As they were stored when the first of them were deployed. A new one need not stand here; one that goes or is renamed
stays on the servers until somebody removes it (`docs/runbooks/provisioning.md`)."""

JOBS = {subject_of(job.due()): job for spec in load_specs() for job in spec.actor.schedules.values()}


@pytest.mark.parametrize("subject", SCHEDULES)
def test_a_schedule_keeps_its_subject_its_name_and_its_time(subject: str) -> None:
    job = JOBS[subject]
    assert shape_of(job.kind).type_name == subject
    assert job.name == subject.rpartition(".")[2]
    headers = job.schedule.headers()
    assert headers["Nats-Schedule"] == SCHEDULES[subject]
    assert headers.get("Nats-Schedule-Time-Zone") == (None if isinstance(job.schedule, Every) else "Europe/Berlin")


@pytest.mark.parametrize("spec", load_specs(), ids=lambda spec: spec.name)
def test_every_service_forgets_what_is_old(spec: ServiceSpec) -> None:
    """Hourly, its inbox at least (DOMAIN §12): without it every message that was ever heard is kept."""
    job = spec.actor.schedules["retention"]
    assert job.schedule == Every(3600)
    assert "forget_inbox" in inspect.getsource(job._function)


@pytest.mark.parametrize("subject", SCHEDULES)
def test_what_servers_fire_is_read_as_before(subject: str) -> None:
    assert decode(find(subject), b"{}") == JOBS[subject].due()


@pytest.mark.parametrize("name", ["reconciliation", "full_reconciliation", "goods_comparison", "full_goods_comparison"])
def test_a_run_that_an_operator_was_promised_is_read_as_before(name: str) -> None:
    run_id = uuid.uuid4()
    subject = f"payments.due.{name}"
    assert decode(find(subject), f'{{"run_id":"{run_id}"}}'.encode()) == JOBS[subject].due(run_id=run_id)
