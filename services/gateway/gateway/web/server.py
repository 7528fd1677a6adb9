"""The internal API as an entrance of the gateway: a port of its own, so that a network policy can tell it apart."""

from http import HTTPStatus
from typing import Final

import structlog

from actors.asking import Asker
from gateway import metrics
from gateway.domain.internal_access import Networks, Tokens
from gateway.ingress.http import HttpServer, Limits
from gateway.settings import GatewaySettings
from gateway.web.api import InternalApi
from gateway.web.door import Door
from gateway.web.owners import Owners
from gateway.web.problems import of_status
from gateway.web.route import PREFIX

_LIMITS: Final = Limits(body_bytes_max=16 * 1024, body_seconds_max=10.0, unread_bytes_max=2 * 1024 * 1024)
"""An answer has at most the size of a message of NATS, 1 MiB."""

log = structlog.get_logger()


class InternalApiServer:
    """Listens where the settings say."""

    def __init__(self, asker: Asker, settings: GatewaySettings) -> None:
        """Raises ValueError without tokens or allowed networks: anybody could come in."""
        tokens = Tokens.parse(settings.internal_api_tokens.get_secret_value())
        allowed = Networks.parse(settings.internal_api_allow)
        if not tokens or not allowed:
            raise ValueError("an internal API without tokens and allowed networks would let in anyone")
        proxies = Networks.parse(settings.internal_api_proxies)
        door = Door(tokens, allowed=allowed, proxies=proxies, forwarded=settings.internal_api_forwarded)
        self._api = InternalApi(door, Owners(asker, settings.peppers()))
        self._host, self._wanted_port = settings.internal_api_host, settings.internal_api_port
        self._server = HttpServer(
            self._api.handle, judge=self._api.judge, count=_count, limits=_LIMITS, body_of=of_status
        )
        self.port = 0
        """The port it listens on, once started."""

    async def start(self) -> None:
        """Listen; `port` is known afterwards."""
        self.port = await self._server.start(self._host, self._wanted_port)
        log.info("internal_api_listening", host=self._host, port=self.port, path=PREFIX)

    async def stop(self) -> None:
        """Stop listening and finish with who is inside."""
        await self._server.stop()

    def obstacle(self) -> str:
        """Return what keeps its users out."""
        return "" if self._server.is_listening else "the internal API does not listen"


def _count(status: HTTPStatus, seconds: float) -> None:
    del seconds
    metrics.INTERNAL_REQUESTS.labels(str(status.value)).inc()
