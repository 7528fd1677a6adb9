"""A hook that takes any JSON object, and the other end of a heartbeat."""

import json

from aiohttp import web

from sandbox.clock import Clock
from sandbox.json_api.fields import answer
from sandbox.oncall.arrivals import Arrivals, Heartbeat
from sandbox.shapes import as_object


class Hooks:
    """Handlers of /hook/{name} and /heartbeat/{name}."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.arrivals = Arrivals(clock)
        self.heartbeats: dict[str, Heartbeat] = {}

    async def take(self, request: web.Request) -> web.Response:
        """Any JSON object; 400 for anything else."""
        try:
            body = as_object(json.loads(await request.read()))
        except ValueError:
            body = None
        if body is None:
            return answer({"error": "not a JSON object"}, 400)
        arrival = self.arrivals.take(request.match_info["name"], body)
        return answer({"n": arrival.n})

    async def beat(self, request: web.Request) -> web.Response:
        """Whoever calls is alive."""
        now, name = self._clock.now(), request.match_info["name"]
        heartbeat = self.heartbeats.setdefault(name, Heartbeat(0, now, now))
        heartbeat.count += 1
        heartbeat.last_at = now
        return web.Response(text="OK")
