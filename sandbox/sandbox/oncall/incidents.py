"""PagerDuty's incidents: found by `dedup_key` while they are open, and told of when they change."""

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.oncall.arrivals import KEPT_MAX
from sandbox.oncall.webhook import SERVICE, Agent, IncidentEvent

TRIGGERED, ACKNOWLEDGED, RESOLVED = "triggered", "acknowledged", "resolved"
ALPHABET = string.ascii_uppercase + string.digits


class IncidentError(Exception):
    """An incident cannot be changed so: `status` 404 or 409, and what to do instead."""

    def __init__(self, status: int, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.remedy = remedy


@dataclass(slots=True)
class Incident:
    """One incident; times are unix seconds. `event` is the newest that triggered it."""

    id: str
    number: int
    dedup_key: str
    created_at: float
    event: dict[str, Any]
    status: str = TRIGGERED
    triggers: int = 0
    changed_at: float = 0.0
    log: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def title(self) -> str:
        """What happened."""
        return str(self.event["payload"]["summary"])

    @property
    def severity(self) -> str:
        """critical, error, warning or info."""
        return str(self.event["payload"]["severity"])

    def view(self) -> dict[str, Any]:
        """As JSON; the event without its key."""
        event = {name: value for name, value in self.event.items() if name != "routing_key"}
        shown: dict[str, Any] = {"id": self.id, "number": self.number, "dedup_key": self.dedup_key}
        shown |= {"status": self.status, "title": self.title, "severity": self.severity, "triggers": self.triggers}
        return shown | {"created_at": self.created_at, "changed_at": self.changed_at, "event": event, "log": self.log}


class Incidents:
    """All incidents, oldest first."""

    def __init__(self, clock: Clock, tell: Callable[[IncidentEvent], None]) -> None:
        self._clock = clock
        self._tell = tell
        self._number = 0
        self._open: dict[str, Incident] = {}
        self.dropped = 0
        """Acknowledgements and resolutions that found nothing open: PagerDuty accepts and drops them."""
        self.all: dict[str, Incident] = {}

    def trigger(self, dedup_key: str, event: dict[str, Any]) -> Incident:
        """Open an incident, or enter one more trigger into the open one; an acknowledged one stays so."""
        now = self._clock.now()
        incident = self._open.get(dedup_key)
        is_new = incident is None
        if incident is None:
            self._number += 1
            incident = Incident(_new_id(), self._number, dedup_key, now, event)
            self._open[dedup_key] = self.all[incident.id] = incident
            self._forget()
        incident.event, incident.changed_at = event, now
        incident.triggers += 1
        incident.log.append({"at": now, "what": "triggered", "by": SERVICE.summary})
        if is_new:
            self._announce(incident, "incident.triggered", SERVICE)
        return incident

    def change(self, dedup_key: str, status: str) -> None:
        """Acknowledge or resolve as an event asks for; without an open incident it is dropped."""
        incident = self._open.get(dedup_key)
        if incident is None:
            self.dropped += 1
        elif incident.status != status:
            self._change(incident, status, SERVICE)

    def change_by_hand(self, incident_id: str, status: str, who: str) -> Incident:
        """Acknowledge or resolve as a person does on the page; IncidentError for an unknown or a resolved one."""
        incident = self.all.get(incident_id)
        if incident is None:
            raise IncidentError(404, f"no incident {incident_id!r}", "GET /sandbox/api/oncall/pagerduty lists them")
        if incident.status == RESOLVED:
            raise IncidentError(409, "this incident is resolved", "it stays so; a new trigger opens a new one")
        self._change(incident, status, Agent("PUSER", "user_reference", who))
        return incident

    def clear(self) -> None:
        """Forget all of them."""
        self._open.clear()
        self.all.clear()

    def _change(self, incident: Incident, status: str, agent: Agent) -> None:
        incident.status, incident.changed_at = status, self._clock.now()
        incident.log.append({"at": incident.changed_at, "what": status, "by": agent.summary})
        if status == RESOLVED:
            del self._open[incident.dedup_key]
        self._announce(incident, f"incident.{status}", agent)

    def _announce(self, incident: Incident, kind: str, agent: Agent) -> None:
        self._tell(
            IncidentEvent(
                kind=kind,
                at=self._clock.now(),
                agent=agent,
                incident_id=incident.id,
                number=incident.number,
                dedup_key=incident.dedup_key,
                status=incident.status,
                title=incident.title,
                created_at=incident.created_at,
            )
        )

    def _forget(self) -> None:
        if len(self.all) > KEPT_MAX:
            oldest = self.all.pop(next(iter(self.all)))
            if self._open.get(oldest.dedup_key) is oldest:
                del self._open[oldest.dedup_key]


def _new_id() -> str:
    """As PagerDuty's: Q and 13 letters and digits; nobody had it before, also not before a restart."""
    return "Q" + "".join(secrets.choice(ALPHABET) for _ in range(13))
