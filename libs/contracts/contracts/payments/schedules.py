"""What the schedules of payments deliver (DOMAIN §12)."""

from typing import ClassVar
from uuid import UUID

from contracts.message import Due


class RecoveryDue(Due, frozen=True, kw_only=True):
    """Every 5 minutes: payments that are not credited, and orphans past their day (DOMAIN §12)."""

    subject: ClassVar[str] = "payments.due.recovery"


class StaleInvoicesDue(Due, frozen=True, kw_only=True):
    """Every 5 minutes: invoices that were not paid in time (DOMAIN §12)."""

    subject: ClassVar[str] = "payments.due.stale_invoices"


class ReconciliationDue(Due, frozen=True, kw_only=True):
    """Every 15 minutes: what changed, against the provider's books (DOMAIN §12)."""

    subject: ClassVar[str] = "payments.due.reconciliation"
    run_id: UUID | None = None
    """The run that an operator was promised; None lets the firing name it."""


class FullReconciliationDue(Due, frozen=True, kw_only=True):
    """03:30 Berlin: everything, against all books (DOMAIN §12)."""

    subject: ClassVar[str] = "payments.due.full_reconciliation"
    run_id: UUID | None = None
    """The run that an operator was promised; None lets the firing name it."""


class ReferenceRatesDue(Due, frozen=True, kw_only=True):
    """Every hour: fetch the day's reference rates unless they are here (DOMAIN §5)."""

    subject: ClassVar[str] = "payments.due.reference_rates"


class PaymentsRetentionDue(Due, frozen=True, kw_only=True):
    """Hourly: inbox rows and lapsed quotes past their retention are deleted (DOMAIN §12)."""

    subject: ClassVar[str] = "payments.due.retention"
