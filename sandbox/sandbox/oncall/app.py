"""Puts the stand-ins that alerts go to together."""

from collections.abc import AsyncGenerator

from aiohttp import web

from sandbox.clock import Clock
from sandbox.event_delivery import Endpoint, EventDelivery
from sandbox.faults.calls import CallFaults
from sandbox.oncall.door import CALL_NAMES, Door
from sandbox.oncall.hooks import Hooks
from sandbox.oncall.incidents import Incidents
from sandbox.oncall.json_api import OncallRoutes
from sandbox.oncall.page import OncallPage
from sandbox.oncall.pagerduty import EventsApi
from sandbox.oncall.slack import Slack
from sandbox.oncall.standins import Standins
from sandbox.oncall.webhook import IncidentEvent, PagerDutySender
from sandbox.settings import Settings


class OncallApp:
    """`standins` is there for tests to look into."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        faults = CallFaults(CALL_NAMES)
        patience = settings.retry_scale, settings.webhook_timeout_seconds
        delivery = EventDelivery(PagerDutySender(), clock, faults, *patience)
        if settings.pagerduty_webhook_url:
            delivery.set_endpoint(Endpoint(settings.pagerduty_webhook_url, (settings.pagerduty_webhook_secret,)))

        def tell(event: IncidentEvent) -> None:
            delivery.enter(event.delivered())

        incidents = Incidents(clock, tell)
        events_api = EventsApi(clock, settings.pagerduty_routing_key, incidents)
        slack, hooks = Slack(clock, settings.slack_token), Hooks(clock)
        self.standins = Standins(incidents, events_api, slack, hooks, delivery, faults)
        self._door = Door(faults)
        secret = settings.pagerduty_webhook_secret
        self._others = (OncallRoutes(self.standins, secret), OncallPage(clock, self.standins))

    def routes(self) -> list[web.AbstractRouteDef]:
        """The stand-ins, their page, and the JSON API."""
        door, standins = self._door, self.standins
        beat = door.to("heartbeat", standins.hooks.beat)
        routes: list[web.AbstractRouteDef] = [
            web.post("/slack/services/{team}/{hook}/{token}", door.to("slack", standins.slack.take)),
            web.post("/pagerduty/v2/enqueue", door.to("pagerduty", standins.events_api.take)),
            web.post("/hook/{name}", door.to("generic", standins.hooks.take)),
            web.get("/heartbeat/{name}", beat),
            web.post("/heartbeat/{name}", beat),
        ]
        return [*routes, *(route for other in self._others for route in other.routes())]

    async def live(self, _app: web.Application) -> AsyncGenerator[None]:
        """For `cleanup_ctx`: stop deliveries with the server."""
        yield
        await self.standins.delivery.close()
