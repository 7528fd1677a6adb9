"""One example of every contract of alerts; see `examples.py` for what becomes of them."""

from datetime import UTC, datetime
from uuid import UUID

from contracts import alerts as a
from contracts.ground import Figure
from contracts.message import Contract

_AT = datetime(2026, 3, 29, 17, 42, 5, 318000, tzinfo=UTC)
_ALERT = "3f1c0a5be2d94c7788aa-2"

EXAMPLES: tuple[Contract, ...] = (
    a.AcknowledgeAlert(alert_id=_ALERT, note="looking at Stripe"),
    a.ResolveAlert(alert_id=_ALERT, note="the book was settled"),
    a.MirrorIncident(alert_id=_ALERT, action=a.IncidentAction.ACKNOWLEDGED, by="Mira Sol", at=_AT),
    a.HearOutsideAlert(
        key="c1f5e0a77b0d-1774806125",
        event="postgres_down",
        service="payments",
        firing=True,
        severity=a.Severity.CRITICAL,
        summary="Postgres does not answer payments",
        figures=(Figure("instance", "payments-1"),),
        runbook=None,
        at=_AT,
    ),
    a.StartSilence(event="dead_letter_received", key_pattern="payments:*", minutes=60, reason="replaying them"),
    a.EndSilence(silence_id=UUID("019d3aa9-10c2-7a4b-b0d4-5f6a2be29c11")),
)
