"""The port for webhooks; it listens where one of them is switched on."""

from typing import Final

import structlog
from aiohttp import web

from actors.engine.runtime import Dependencies
from alerts.settings import AlertsSettings
from alerts.web import pagerduty, prometheus
from alerts.web.door import Door, Outlet
from alerts.web.pagerduty import PagerDutyWebhook
from alerts.web.prometheus import AlertmanagerWebhook

_STOP_SECONDS: Final = 3.0
_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

log = structlog.get_logger()


class WebhookServer:
    """An entrance for PagerDuty and Alertmanager; what is not switched on is 404."""

    def __init__(self, means: Dependencies) -> None:
        """Take addresses and secrets from the settings."""
        settings: AlertsSettings = means.settings
        outlet = Outlet(means.publisher, means.clock)
        self._doors: dict[str, Door] = {}
        if secrets := settings.pagerduty_webhook_secrets():
            mirror = PagerDutyWebhook(outlet, means.clock, secrets)
            self._doors[pagerduty.PATH] = Door("pagerduty", mirror.judge)
        if token := settings.ops_alert_alertmanager_token.get_secret_value():
            intake = AlertmanagerWebhook(outlet, means.clock, token)
            self._doors[prometheus.PATH] = Door("alertmanager", intake.judge)
        self._host, self._wanted_port = settings.web_host, settings.web_port
        self._runner: web.AppRunner | None = None
        self.port = 0
        """The port it listens on, once started."""

    async def start(self) -> None:
        """Listen; `port` is known afterwards."""
        app = web.Application()
        app.on_response_prepare.append(_protect)
        for path, door in self._doors.items():
            app.router.add_post(path, door.take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_STOP_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._wanted_port).start()
        self.port = self._runner.addresses[0][1]
        log.info("web_listening", host=self._host, port=self.port, webhooks=sorted(self._doors))

    async def stop(self) -> None:
        """Stop listening and finish with who is inside."""
        if self._runner is not None:
            await self._runner.cleanup()

    def obstacle(self) -> str:
        """Return what keeps the webhooks out."""
        is_open = self._runner is not None and bool(self._runner.addresses)
        return "" if is_open else "the webhooks do not listen"


async def _protect(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
