"""Who hears what is told to them alone: asked of JetStream, which knows every consumer of the service's stream."""

import json
from typing import Any, Final

from nats.aio.client import Client

from actors.endpoints import EndpointError
from contracts.message import Contract, wildcard_of
from contracts.subjects import stream_name

_SECONDS_MAX: Final = 2.0


class Hearers:
    """The services that have a consumer on one service's stream of events."""

    def __init__(self, service: str, nc: Client) -> None:
        """Ask about this service's stream."""
        self._service = service
        self._nc = nc

    async def of(self, event: type[Contract]) -> list[str]:
        """Return the names of those that hear this event, which is addressed to one hearer, sorted.

        Raises EndpointError 503 when JetStream does not answer.
        """
        before, after = wildcard_of(event, self._service, hearer="\0").split("\0")
        named = {
            one.removeprefix(before).removesuffix(after)
            for one in await self._filters()
            if one.startswith(before) and one.endswith(after)
        }
        return sorted(name for name in named if name.isidentifier())

    async def _filters(self) -> list[str]:
        subject = f"$JS.API.CONSUMER.LIST.{stream_name(self._service, 'evt')}"
        found: list[str] = []
        offset = 0
        while True:
            page = await self._page(subject, offset)
            consumers: list[dict[str, Any]] = page["consumers"] or []
            for one in consumers:
                config = one["config"]
                found += [*config.get("filter_subjects", []), *filter(None, [config.get("filter_subject")])]
            offset += len(consumers)
            if not consumers or offset >= page["total"]:
                return found

    async def _page(self, subject: str, offset: int) -> dict[str, Any]:
        try:
            answer = await self._nc.request(subject, json.dumps({"offset": offset}).encode(), timeout=_SECONDS_MAX)
        except Exception as error:
            raise EndpointError(503, f"JetStream does not say who hears ({type(error).__name__}). Repeat it") from error
        page: dict[str, Any] = json.loads(answer.data)
        if "error" in page:
            raise EndpointError(503, f"JetStream does not say who hears: {page['error'].get('description')}")
        return page
