"""The stand-ins that alerts go to over the sandbox's JSON API."""

from aiohttp import web

from sandbox.json_api.endpoint import endpoint_of, endpoint_view
from sandbox.json_api.fields import answer, body_fields, body_object, query_number
from sandbox.oncall.incidents import ACKNOWLEDGED, RESOLVED, IncidentError
from sandbox.oncall.standins import Standins

PATH = "/sandbox/api/oncall"
NUMBER_MAX = 2**53
NAME_MAX = 100
SOMEBODY = "Robin"
"""Who does something when nobody is named."""
ACTIONS = {"acknowledge": ACKNOWLEDGED, "resolve": RESOLVED}


class OncallRoutes:
    """Handlers of /sandbox/api/oncall…"""

    def __init__(self, standins: Standins, webhook_secret: str) -> None:
        self._standins = standins
        self._webhook_secret = webhook_secret

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        return [
            web.get(PATH, self.overview),
            web.delete(PATH, self.clear),
            web.get(PATH + "/slack", self.slack),
            web.get(PATH + "/generic", self.generic),
            web.get(PATH + "/heartbeats", self.heartbeats),
            web.get(PATH + "/pagerduty", self.pagerduty),
            web.post(PATH + "/pagerduty/webhook", self.set_webhook),
            web.delete(PATH + "/pagerduty/webhook", self.drop_webhook),
            web.post(PATH + "/pagerduty/{id}/{action:acknowledge|resolve}", self.act),
            web.post(PATH + "/faults", self.set_faults),
            web.get(PATH + "/faults", self.show_faults),
            web.delete(PATH + "/faults", self.clear_faults),
        ]

    async def overview(self, _request: web.Request) -> web.Response:
        """→ {slack, generic, incidents, refused, dropped, heartbeats, webhook, waiting}."""
        them = self._standins
        return answer(
            {
                "slack": them.slack.messages.count,
                "generic": them.hooks.arrivals.count,
                "incidents": len(them.incidents.all),
                "refused": {"slack": them.slack.pace.refused, "pagerduty": them.events_api.pace.refused},
                "dropped": them.incidents.dropped,
                "heartbeats": _heartbeats(them),
                "webhook": endpoint_view(them.delivery.endpoint),
                "waiting": them.delivery.under_way,
            }
        )

    async def clear(self, _request: web.Request) -> web.Response:
        """Forget what arrived."""
        self._standins.clear()
        return answer({})

    async def slack(self, request: web.Request) -> web.Response:
        """Messages with a number over `?after=`, oldest first."""
        return answer([one.view() for one in self._standins.slack.messages.after(_after(request))])

    async def generic(self, request: web.Request) -> web.Response:
        """What came to /hook/… with a number over `?after=`, oldest first."""
        return answer([one.view() for one in self._standins.hooks.arrivals.after(_after(request))])

    async def heartbeats(self, _request: web.Request) -> web.Response:
        """Every heartbeat by its name."""
        return answer(_heartbeats(self._standins))

    async def pagerduty(self, request: web.Request) -> web.Response:
        """Incidents with a number over `?after=`, oldest first."""
        after = _after(request)
        return answer([one.view() for one in self._standins.incidents.all.values() if one.number > after])

    async def act(self, request: web.Request) -> web.Response:
        """{by?}: somebody acknowledges or resolves an incident at PagerDuty → the incident."""
        who = (await body_fields(request, "by")).text("by", NAME_MAX, SOMEBODY)
        status = ACTIONS[request.match_info["action"]]
        try:
            incident = self._standins.incidents.change_by_hand(request.match_info["id"], status, who)
        except IncidentError as problem:
            return answer({"error": problem.problem, "remedy": problem.remedy}, problem.status)
        return answer(incident.view())

    async def set_webhook(self, request: web.Request) -> web.Response:
        """{url, secrets?, events?}: deliver there from now on, starting with what waits."""
        delivery = self._standins.delivery
        delivery.set_endpoint(endpoint_of(await body_object(request), delivery.endpoint, self._webhook_secret))
        return answer({"webhook": endpoint_view(delivery.endpoint)})

    async def drop_webhook(self, _request: web.Request) -> web.Response:
        """No webhook any more; events wait."""
        self._standins.delivery.set_endpoint(None)
        return answer({"webhook": None})

    async def set_faults(self, request: web.Request) -> web.Response:
        """Add rules: `{faults: […], seed?, clear?}`; all or nothing when a rule is wrong."""
        self._standins.faults.change(await body_object(request))
        return self._faults()

    async def show_faults(self, _request: web.Request) -> web.Response:
        """The active rules with their hits."""
        return self._faults()

    async def clear_faults(self, _request: web.Request) -> web.Response:
        """No faults."""
        self._standins.faults.clear()
        return self._faults()

    def _faults(self) -> web.Response:
        return answer(self._standins.faults.view())


def _after(request: web.Request) -> int:
    return int(query_number(request, "after", 0, NUMBER_MAX))


def _heartbeats(standins: Standins) -> dict[str, dict[str, float]]:
    return {name: heartbeat.view() for name, heartbeat in standins.hooks.heartbeats.items()}
