"""PagerDuty's webhooks v3: what is told of an incident, and how it is signed."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.event_delivery import Endpoint, Json
from sandbox.shapes import to_json

SUBSCRIPTION = "PSUBSCRIPTION"
BASE = "https://sandbox.pagerduty.com"


@dataclass(slots=True, frozen=True)
class Agent:
    """Who changed an incident."""

    id: str
    type: str
    summary: str

    def view(self) -> dict[str, str]:
        """As JSON."""
        kind = "users" if self.type == "user_reference" else "services"
        return {
            "html_url": f"{BASE}/{kind}/{self.id}",
            "id": self.id,
            "self": f"https://api.pagerduty.com/{kind}/{self.id}",
            "summary": self.summary,
            "type": self.type,
        }


SERVICE = Agent("PSERVICE", "service_reference", "Operations")
"""Whose incidents these are, and who changed one when an event did."""


@dataclass(slots=True, frozen=True)
class IncidentEvent:
    """Something that happened to an incident; times are unix seconds."""

    kind: str
    at: float
    agent: Agent
    incident_id: str
    number: int
    dedup_key: str
    status: str
    title: str
    created_at: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def delivered(self) -> Json:
        """The event for its delivery; `body` holds the bytes, the same at every attempt."""
        return {"id": self.id, "type": self.kind, "incident": self.incident_id, "body": to_json(self._payload())}

    def _payload(self) -> dict[str, Any]:
        incident: Json = {
            "id": self.incident_id,
            "type": "incident",
            "self": f"https://api.pagerduty.com/incidents/{self.incident_id}",
            "html_url": f"{BASE}/incidents/{self.incident_id}",
            "number": self.number,
            "status": self.status,
            "incident_key": self.dedup_key,
            "created_at": _iso(self.created_at),
            "title": self.title,
            "service": SERVICE.view(),
            "assignees": [],
            "escalation_policy": None,
            "teams": [],
            "priority": None,
            "urgency": "high",
            "conference_bridge": None,
            "resolve_reason": None,
        }
        event: Json = {
            "id": self.id,
            "event_type": self.kind,
            "resource_type": "incident",
            "occurred_at": _iso(self.at),
            "agent": self.agent.view(),
            "client": None,
            "data": incident,
        }
        return {"event": event}


class PagerDutySender:
    """In order for each incident, for two days; what is refused with a 4xx other than 429 is given up at once."""

    kept_seconds = 2 * 86_400.0

    def letter(self, event: Json, endpoint: Endpoint, at: int) -> tuple[bytes, dict[str, str]]:
        """HMAC-SHA256 over the body, once per secret; nothing else is signed, no time either."""
        del at
        body: bytes = event["body"]
        macs = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() for secret in endpoint.secrets]
        return body, {
            "Content-Type": "application/json",
            "X-PagerDuty-Signature": ",".join(f"v1={mac}" for mac in macs),
            "X-Webhook-Id": event["id"],
            "X-Webhook-Subscription": SUBSCRIPTION,
            "User-Agent": "PagerDuty-Webhook/V3.0",
        }

    def is_over(self, status: int | None) -> bool:
        """No answer, 429 and 5xx are tried again."""
        return status is not None and status != 429 and status < 500

    def queue(self, event: Json) -> str | None:
        """One after the other for each incident."""
        incident: str = event["incident"]
        return incident


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
