"""Stats, raw updates, and the stream of effects."""

from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.delivery.update import Update, kept_seconds, queue_of, topic_of
from sandbox.delivery.update_queue import UpdateQueue
from sandbox.json_api.fields import FieldError, answer, body_fields, body_object
from sandbox.shapes import as_object, to_json
from sandbox.stats import Stats

AGE_SECONDS_MAX = 30 * 24 * 3600


class OperationRoutes:
    """Handlers of /sandbox/api/stats and /sandbox/api/updates."""

    def __init__(self, clock: Clock, stats: Stats, updates: UpdateQueue) -> None:
        self._clock = clock
        self._stats = stats
        self._updates = updates

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        return [
            web.get("/sandbox/api/stats", self.stats),
            web.delete("/sandbox/api/stats", self.reset),
            web.post("/sandbox/api/updates", self.inject),
            web.get("/sandbox/api/updates/held", self.held),
            web.post("/sandbox/api/updates/release", self.release),
        ]

    async def stats(self, _request: web.Request) -> web.Response:
        """Counters of updates, methods and callbacks, and how many updates wait."""
        return answer({**self._stats.view(), "pending_updates": len(self._updates.pending)})

    async def reset(self, _request: web.Request) -> web.Response:
        """Start counting from zero."""
        self._stats.reset()
        return answer({"reset": True})

    async def inject(self, request: web.Request) -> web.Response:
        """Deliver a body as it is (garbage allowed inside it); a missing update_id is numbered. → {update_id, kind}."""
        body = await body_object(request)
        kind = next((name for name in body if name != "update_id"), None)
        if kind is None:
            raise FieldError("(body)", "no update inside", 'send an Update, as {"message": {…}}')
        queue = queue_of(kind, _sender(body[kind]))
        if "update_id" not in body:
            body = {"update_id": self._updates.next_id(), **body}
        raw = to_json(body)
        update_id = body["update_id"] if isinstance(body["update_id"], int) else 0
        expires_at = self._clock.now() + kept_seconds(kind)
        self._updates.enter(Update(update_id, kind, queue, raw, expires_at, topic_of(kind, body[kind])))
        return answer({"update_id": body["update_id"], "kind": kind})

    async def held(self, _request: web.Request) -> web.Response:
        """Updates that the fault `hold` keeps → [{update_id, kind, held_at}], oldest first."""
        return answer(self._updates.held.view())

    async def release(self, request: web.Request) -> web.Response:
        """{update_id?, kind?, age_seconds?} → {released}: deliver held updates now, as of messages that much older."""
        fields = await body_fields(request, "update_id", "kind", "age_seconds")
        update_id = fields.integer("update_id", 0, 2**53, None)
        topic = fields.text("kind", 64, None)
        age_seconds = fields.integer("age_seconds", 0, AGE_SECONDS_MAX, 0)
        return answer({"released": self._updates.release(update_id, topic, age_seconds)})


def _sender(payload: Any) -> int:
    """Whose queue a raw update belongs to; 0 when it names nobody."""
    sender = as_object((as_object(payload) or {}).get("from")) or {}
    found = sender.get("id")
    return found if isinstance(found, int) else 0
