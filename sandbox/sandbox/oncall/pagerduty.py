"""PagerDuty's Events API v2."""

import hmac
import json
import uuid
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.json_api.fields import answer
from sandbox.oncall.incidents import ACKNOWLEDGED, RESOLVED, Incidents
from sandbox.oncall.pace import Pace
from sandbox.shapes import as_list, as_object

CALLS, SECONDS = 120, 60.0
BYTES_MAX = 512 * 1024
KEY_LENGTH, DEDUP_KEY_MAX, SUMMARY_MAX = 32, 255, 1024
SEVERITIES = ("critical", "error", "warning", "info")
ACTIONS = {"acknowledge": ACKNOWLEDGED, "resolve": RESOLVED}


class EventsApi:
    """Handler of /pagerduty/v2/enqueue."""

    def __init__(self, clock: Clock, routing_key: str, incidents: Incidents) -> None:
        self._routing_key = routing_key.encode()
        self._incidents = incidents
        self.pace = Pace(clock, CALLS, SECONDS)

    async def take(self, request: web.Request) -> web.Response:
        """202 when it is taken; 400 with every fault that was found."""
        if self.pace.wait():
            return web.Response(status=429, text="Request Limit Exceeded")
        raw = await request.read()
        if len(raw) > BYTES_MAX:
            return _refused(413, [f"Event object exceeds the maximum size of {BYTES_MAX} bytes"])
        try:
            event = as_object(json.loads(raw))
        except ValueError:
            event = None
        if event is None:
            return _refused(400, ["Event object is not valid JSON"])
        errors = [*self._key_errors(event), *event_errors(event)]
        if errors:
            return _refused(400, errors)
        dedup_key = event.get("dedup_key") or uuid.uuid4().hex
        if event["event_action"] == "trigger":
            self._incidents.trigger(dedup_key, event)
        else:
            self._incidents.change(dedup_key, ACTIONS[event["event_action"]])
        return answer({"status": "success", "message": "Event processed", "dedup_key": dedup_key}, 202)

    def _key_errors(self, event: dict[str, Any]) -> list[str]:
        key = event.get("routing_key")
        if not isinstance(key, str) or len(key) != KEY_LENGTH:
            return [f"Length of 'routing_key' is incorrect (should be {KEY_LENGTH} characters)"]
        known = hmac.compare_digest(key.encode("utf-8", "surrogatepass"), self._routing_key)
        return [] if known else ["Invalid routing key"]


def event_errors(event: dict[str, Any]) -> list[str]:
    """What is wrong with an event; empty when nothing is. Its routing key is judged by who knows it."""
    action, key, errors = event.get("event_action"), event.get("dedup_key"), list[str]()
    if action != "trigger" and action not in ACTIONS:
        errors.append("'event_action' is missing or invalid (must be one of trigger, acknowledge, resolve)")
    if key is not None and (not isinstance(key, str) or len(key) > DEDUP_KEY_MAX):
        errors.append(f"'dedup_key' is not a string of at most {DEDUP_KEY_MAX} characters")
    if action in ACTIONS and not key:
        errors.append(f"'dedup_key' is missing (required for {action})")
    if action == "trigger":
        errors += _payload_errors(as_object(event.get("payload")))
        errors += [
            f"'{name}' is not a list of objects with '{needed}'"
            for name, needed in (("links", "href"), ("images", "src"))
            if not _are_assets(event.get(name, []), needed)
        ]
    return errors


def _payload_errors(payload: dict[str, Any] | None) -> list[str]:
    if payload is None:
        return ["'payload' is missing or not an object"]
    errors: list[str] = []
    for name, length_max in (("summary", SUMMARY_MAX), ("source", BYTES_MAX)):
        value = payload.get(name)
        if not isinstance(value, str) or not value.strip():
            errors.append(f"'payload.{name}' is missing or blank")
        elif len(value) > length_max:
            errors.append(f"'payload.{name}' is longer than {length_max} characters")
    if payload.get("severity") not in SEVERITIES:
        errors.append(f"'payload.severity' is invalid (must be one of {', '.join(SEVERITIES)})")
    if "custom_details" in payload and as_object(payload["custom_details"]) is None:
        errors.append("'payload.custom_details' is not an object")
    return errors


def _are_assets(value: Any, needed: str) -> bool:
    found = as_list(value)
    return found is not None and all(
        (one := as_object(item)) is not None and isinstance(one.get(needed), str) for item in found
    )


def _refused(status: int, errors: list[str]) -> web.Response:
    return answer({"status": "invalid event", "message": "Event object is invalid", "errors": errors}, status)
