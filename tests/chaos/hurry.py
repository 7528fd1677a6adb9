"""The jobs that mend, run every few seconds instead of minutes."""

import copy

import msgspec

from actors.schedules import Every
from actors.spec import ServiceSpec
from payments.handlers.goods import compare_changes
from payments.handlers.reconciliation_job import reconcile_changes
from payments.handlers.recovery import lapse_invoices, recover
from payments.handlers.telegram_gifts import look_gifts_up
from promo.handlers.discounts import expire_reservations
from promo.handlers.rollback import roll_back_refunds
from referrals.handlers.commission_jobs import compare_sales, look_after_payouts, settle_commissions
from referrals.handlers.gifts import compare_gifts
from referrals.handlers.jobs import reward_slots

_SHORT = (
    (recover, 5),
    (lapse_invoices, 10),
    (reconcile_changes, 10),
    (compare_changes, 10),
    (expire_reservations, 5),
    (roll_back_refunds, 10),
    (compare_gifts, 10),
    (reward_slots, 5),
    (look_gifts_up, 5),
    (compare_sales, 10),
    (settle_commissions, 5),
    (look_after_payouts, 5),
)
"""By job, so many seconds; nothing else about them differs."""


def hurried(spec: ServiceSpec) -> ServiceSpec | None:
    """Return the service with its mending jobs run every few seconds; None when it has none."""
    short = {job.name: seconds for job, seconds in _SHORT if spec.actor.schedules.get(job.name) is job}
    if not short:
        return None
    actor = copy.copy(spec.actor)
    actor.schedules = {name: copy.copy(job) for name, job in actor.schedules.items() if name in short}
    for name, seconds in short.items():
        actor.schedules[name].schedule = Every(seconds)
    return msgspec.structs.replace(spec, actor=actor)
