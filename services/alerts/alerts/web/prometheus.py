"""Alertmanager's webhook (payload version 4): Prometheus' alerts take part in the same life (DOMAIN §10).

Alertmanager repeats a group that was answered 5xx, and drops one that was answered 4xx. It tells of alerts that go on
every few hours, and of all that fire in a group whenever one of them changes.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, cast

import msgspec
import structlog
from aiohttp import web

from actors.clock import Clock
from actors.foreign_json import read_foreign
from alerts.web import metrics
from alerts.web.door import MEANINGLESS, UNAUTHORIZED, UNREADABLE, Answer, Outlet, members
from contracts.alerts import HearOutsideAlert, Severity
from contracts.ground import Figure

PATH: Final = "/webhook/alertmanager"
REPEAT_SECONDS: Final = 60
"""The same word about an alert within such a span of the clock is one: Alertmanager repeats what it did not hear of."""
FIGURES_MAX: Final = 20
NAME_MAX, VALUE_MAX, SUMMARY_MAX, URL_MAX = 64, 200, 500, 500
UNNAMED: Final = "prometheus_alert"
SEVERITIES: Final = {
    **{severity.value: severity for severity in Severity},
    "page": Severity.CRITICAL,
    "ticket": Severity.WARNING,
}
_SAID_OTHERWISE: Final = frozenset({"alertname", "severity", "service"})
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_:.-]")
_FINGERPRINT: Final = re.compile(r"[A-Za-z0-9]{1,64}", re.ASCII)
_NEVER: Final = datetime(1, 1, 2, tzinfo=UTC)
"""Go's zero time is before it: an alert that fires has no end."""

log = structlog.get_logger()


class AlertmanagerWebhook:
    """Takes groups of alerts, each alert as a command of its own."""

    def __init__(self, outlet: Outlet, clock: Clock, token: str) -> None:
        """Let in who has `token`. Raises ValueError when it is empty."""
        if not token:
            raise ValueError("a webhook without a token would take alerts from anyone")
        self._outlet = outlet
        self._clock = clock
        self._authorization = f"Bearer {token}".encode()

    async def judge(self, request: web.Request, body: bytes) -> Answer:
        """Authenticate, read, store; an alert that cannot be read keeps none of the others back."""
        given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._authorization):
            log.warning("alertmanager_webhook_refused", reason="the token is missing or wrong")
            return UNAUTHORIZED
        try:
            said = read_foreign(body, length_max=VALUE_MAX * 10)
        except ValueError as error:
            log.error("alertmanager_webhook_unreadable", error=str(error))
            return UNREADABLE
        group = members(said)
        listed = group.get("alerts")
        if not isinstance(listed, list):
            log.error("alertmanager_webhook_unreadable", error="there is no list of alerts in it")
            return UNREADABLE
        if group.get("truncatedAlerts"):
            log.warning("alertmanager_group_cut", left_out=group["truncatedAlerts"], remedy="max_alerts: 0")
        found = list(self._read(cast("list[Any]", listed)))
        return await self._outlet.store(found) if found else MEANINGLESS

    def _read(self, listed: list[Any]) -> Iterator[tuple[str, HearOutsideAlert]]:
        now = self._clock.now()
        for one in listed:
            alert = outside_alert(one, now)
            if alert is None:
                metrics.UNREADABLE.inc()
                log.error("alertmanager_alert_unreadable", alert=str(one)[:300])
                continue
            span = int(now.timestamp()) // REPEAT_SECONDS
            yield f"alertmanager:{alert.key}:{'firing' if alert.firing else 'resolved'}:{span}", alert


def outside_alert(said: Any, now: datetime) -> HearOutsideAlert | None:
    """Return what one alert of a group says; None when it says neither what it is nor since when."""
    alert = members(said)
    labels, annotations = _texts(alert.get("labels")), _texts(alert.get("annotations"))
    starts_at, ended_at = _time(alert.get("startsAt")), _time(alert.get("endsAt"))
    if alert.get("status") not in ("firing", "resolved") or not labels or starts_at is None:
        return None
    firing = alert["status"] == "firing"
    name = _NO_NAME.sub("_", labels.get("alertname", ""))[:NAME_MAX] or UNNAMED
    runbook = annotations.get("runbook_url", "")
    return HearOutsideAlert(
        key=f"{_fingerprint(alert.get('fingerprint'), labels)}-{int(starts_at.timestamp() * 1_000_000)}",
        event=name,
        service=_NO_NAME.sub("_", labels.get("service", ""))[:NAME_MAX],
        firing=firing,
        severity=SEVERITIES.get(labels.get("severity", "").lower()),
        summary=_summary(annotations, name),
        figures=_figures(labels),
        runbook=runbook if runbook.startswith(("https://", "http://")) and len(runbook) <= URL_MAX else None,
        at=min(starts_at, now) if firing else min(ended_at or now, now),
    )


def _summary(annotations: dict[str, str], name: str) -> str:
    found = (annotations.get(field, "").strip() for field in ("summary", "description", "message"))
    return " ".join(next((text for text in found if text), name).split())[:SUMMARY_MAX]


def _figures(labels: dict[str, str]) -> tuple[Figure, ...]:
    told = [(name, value) for name, value in sorted(labels.items()) if name not in _SAID_OTHERWISE]
    return tuple(Figure(name[:NAME_MAX], value[:VALUE_MAX]) for name, value in told[:FIGURES_MAX])


def _fingerprint(given: Any, labels: dict[str, str]) -> str:
    """Return Alertmanager's fingerprint, or one of our own where it sends none (before 0.19)."""
    if isinstance(given, str) and _FINGERPRINT.fullmatch(given):
        return given
    return hashlib.sha256(msgspec.json.encode(labels, order="sorted")).hexdigest()[:16]


def _texts(said: Any) -> dict[str, str]:
    return {name: text for name, text in members(said).items() if isinstance(text, str)}


def _time(said: Any) -> datetime | None:
    """Return an instant in UTC; None for none, for one without a zone, and for Go's zero time."""
    try:
        when = msgspec.convert(said, datetime)
        return None if when.tzinfo is None or when < _NEVER else when.astimezone(UTC)
    except (msgspec.ValidationError, ValueError, OverflowError):
        return None
