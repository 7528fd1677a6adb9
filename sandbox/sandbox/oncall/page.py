"""The page that shows what arrived, with PagerDuty's buttons."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from sandbox.clock import Clock
from sandbox.faults.calls import CALL_FAULTS
from sandbox.json_api.fields import FieldError
from sandbox.oncall.door import CALL_NAMES
from sandbox.oncall.incidents import ACKNOWLEDGED, RESOLVED, TRIGGERED, IncidentError
from sandbox.oncall.json_api import ACTIONS, SOMEBODY
from sandbox.oncall.mrkdwn import breakable, html_of
from sandbox.oncall.standins import Standins

STATIC = Path(__file__).parent / "static"
SHOWN_MAX = 50
"""The newest of each kind."""
CIRCLES = {"🔴": "critical", "🟠": "error", "🟡": "warning", "🔵": "info", "🟢": "resolved"}
STATUSES = (TRIGGERED, ACKNOWLEDGED, RESOLVED)
"""What needs somebody comes first."""
SEVERITIES = frozenset({"critical", "error", "warning", "info"})
ALIVE_SECONDS = 150
"""A heartbeat that is older is shown as lost."""


class OncallPage:
    """Handlers of /alerts."""

    def __init__(self, clock: Clock, standins: Standins) -> None:
        self._clock = clock
        self._standins = standins
        environment = Environment(
            loader=PackageLoader("sandbox.oncall"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._page = environment.get_template("alerts.html", globals={**_SHOWN_BY, "ago": self._ago})

    def routes(self) -> list[web.AbstractRouteDef]:
        """What is served."""
        return [
            web.get("/alerts", self.show),
            web.post("/alerts/pagerduty/{id}/{action:acknowledge|resolve}", self.act),
            web.post("/alerts/faults", self.set_fault),
            web.post("/alerts/clear/{what:faults|arrivals}", self.clear),
            web.static("/alerts/static", STATIC),
        ]

    async def show(self, _request: web.Request) -> web.Response:
        """The newest of everything."""
        them, now = self._standins, self._clock.now()
        incidents = list(them.incidents.all.values())
        unresolved = sum(one.status != RESOLVED for one in incidents)
        ordered = sorted(incidents, key=lambda one: (STATUSES.index(one.status), -one.number))
        text = self._page.render(
            incidents=ordered[:SHOWN_MAX],
            unresolved=unresolved,
            messages=list(them.slack.messages.kept)[: -SHOWN_MAX - 1 : -1],
            slack_count=them.slack.messages.count,
            bodies=list(them.hooks.arrivals.kept)[: -SHOWN_MAX - 1 : -1],
            generic_count=them.hooks.arrivals.count,
            heartbeats={name: (one, now - one.last_at <= ALIVE_SECONDS) for name, one in them.hooks.heartbeats.items()},
            faults=them.faults.view()["faults"],
            calls=sorted(CALL_NAMES),
            call_faults=CALL_FAULTS,
            webhook=them.delivery.endpoint,
        )
        headers = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'self'"}
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def act(self, request: web.Request) -> web.Response:
        """Acknowledge or resolve, and show the page again; what somebody else was faster with is no fault."""
        try:
            self._standins.incidents.change_by_hand(
                request.match_info["id"], ACTIONS[request.match_info["action"]], SOMEBODY
            )
        except IncidentError as problem:
            if problem.status == 404:
                raise web.HTTPNotFound(text=problem.problem) from None
        raise web.HTTPSeeOther("/alerts")

    async def set_fault(self, request: web.Request) -> web.Response:
        """Switch one fault on, as chosen on the page."""
        form = await request.post()
        try:
            self._standins.faults.change({"faults": [{"on": "call", "call": form.get("call"), "do": form.get("do")}]})
        except FieldError as problem:
            raise web.HTTPBadRequest(text=f"{problem.field}: {problem.problem}; {problem.remedy}") from None
        raise web.HTTPSeeOther("/alerts")

    async def clear(self, request: web.Request) -> web.Response:
        """No faults any more, or nothing that arrived."""
        if request.match_info["what"] == "faults":
            self._standins.faults.clear()
        else:
            self._standins.clear()
        raise web.HTTPSeeOther("/alerts")

    def _ago(self, seconds: float) -> str:
        """How long ago a time is, as people say it."""
        age = max(0, int(self._clock.now() - seconds))
        for unit, name in ((86_400, "d"), (3600, "h"), (60, "min")):
            if age >= unit:
                return f"{age // unit} {name} ago"
        return f"{age} s ago" if age else "just now"


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _circled(body: dict[str, Any]) -> str:
    """The severity whose coloured circle a Slack message begins with; empty for none."""
    text = _pretty(body.get("blocks") or "") + str(body.get("text") or "")
    found = [(text.index(circle), severity) for circle, severity in CIRCLES.items() if circle in text]
    return min(found)[1] if found else ""


def _severity_of(body: dict[str, Any]) -> str:
    severity = body.get("severity")
    return severity if isinstance(severity, str) and severity in SEVERITIES else ""


def _headline(body: dict[str, Any]) -> str:
    """What a body of any form says first."""
    said = next((body[name] for name in ("text", "summary", "title", "message") if isinstance(body.get(name), str)), "")
    return said.split("\n", 1)[0]


def _pretty(body: Any) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)


def _told(value: Any) -> str:
    """A detail in one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_link(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


_SHOWN_BY: dict[str, Any] = {
    "breakable": breakable,
    "circled": _circled,
    "headline": _headline,
    "is_link": _is_link,
    "moment": _moment,
    "mrkdwn": html_of,
    "pretty": _pretty,
    "severity_of": _severity_of,
    "told": _told,
}
"""What the template calls."""
