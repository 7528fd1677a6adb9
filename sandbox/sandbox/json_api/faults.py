"""Faults and flood limits over HTTP."""

from typing import Any

from aiohttp import web

from sandbox.faults.answers import ANSWER_FAULTS, RAW, RAW_FIELDS, raw_fields
from sandbox.faults.flood import Flood
from sandbox.faults.rules import METHOD_FAULTS, PAYMENT_FAULTS, UPDATE_FAULTS, Faults
from sandbox.json_api.fields import FieldError, Fields, answer, body_object

SECONDS_MAX = 24 * 3600
SHARED = ("on", "do", "probability", "count")
EXAMPLE = '{"faults": [{"on": "update", "kind": "callback_query", "do": "duplicate", "probability": 0.5}], "seed": 7}'


class FaultRoutes:
    """Handlers of /sandbox/api/faults."""

    def __init__(self, faults: Faults, flood: Flood, known_methods: frozenset[str]) -> None:
        self._faults = faults
        self._flood = flood
        self._known_methods = known_methods

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        path = "/sandbox/api/faults"
        return [web.post(path, self.set), web.get(path, self.show), web.delete(path, self.clear)]

    async def set(self, request: web.Request) -> web.Response:
        """Add rules: `{faults: […], seed?, flood_limits?, clear?}`; all or nothing when a rule is wrong."""
        fields = Fields(await body_object(request), frozenset({"faults", "seed", "flood_limits", "clear"}))
        rules = [self._rule(one, f"faults[{index}].") for index, one in enumerate(fields.objects("faults"))]
        seed = fields.integer("seed", 0, 2**63, None)
        flood_limits = fields.flag("flood_limits", default=self._flood.enabled)
        if fields.flag("clear", default=False):
            self._faults.clear()
        if seed is not None:
            self._faults.seed(seed)
        self._flood.enabled = flood_limits
        for rule in rules:
            self._faults.add(**rule)
        return self._view()

    async def show(self, _request: web.Request) -> web.Response:
        """The active rules with their hits."""
        return self._view()

    async def clear(self, _request: web.Request) -> web.Response:
        """No faults, no flood limits."""
        self._faults.clear()
        self._flood.enabled = False
        return self._view()

    def _view(self) -> web.Response:
        faults = [fault.view() for fault in self._faults.all()]
        return answer({"faults": faults, "flood_limits": self._flood.enabled})

    def _rule(self, given: dict[str, Any], where: str) -> dict[str, Any]:
        on = given.get("on")
        if on == "update":
            fields = Fields(given, frozenset({*SHARED, "kind", "delay_ms"}), where)
            rule: dict[str, Any] = {"target": fields.text("kind", 64, "*"), "do": fields.choice("do", UPDATE_FAULTS)}
            rule["delay_ms"] = fields.integer("delay_ms", 0, SECONDS_MAX * 1000, 0)
        elif on == "method":
            known = frozenset({*SHARED, "method", "retry_after", "seconds", "chat_id"})
            fields = Fields(given, known | RAW_FIELDS if str(given.get("do")).startswith(RAW) else known, where)
            rule = {"target": self._method(fields, where)}
            rule["do"] = fields.choice("do", METHOD_FAULTS + ANSWER_FAULTS)
            if rule["do"].startswith(RAW):
                rule |= raw_fields(fields)
            rule["retry_after"] = fields.integer("retry_after", 0, SECONDS_MAX, 1)
            rule["seconds"] = fields.number("seconds", 0, SECONDS_MAX, None)
            rule["chat_id"] = fields.integer("chat_id", 1, 2**53, None)
        elif on == "payment":
            fields = Fields(given, frozenset({*SHARED, "chat_id"}), where)
            rule = {"target": "*", "do": fields.choice("do", PAYMENT_FAULTS)}
            rule["chat_id"] = fields.integer("chat_id", 1, 2**53, None)
        else:
            raise FieldError(where + "on", "neither update, method nor payment", f"send for example {EXAMPLE}")
        if rule["do"] == "delay" and not rule["delay_ms"]:
            raise FieldError(where + "delay_ms", "missing", "send milliseconds above 0")
        rule["probability"] = fields.number("probability", 0, 1, 1.0)
        rule["count"] = fields.integer("count", 1, 10**9, None)
        return {"on": on, **rule}

    def _method(self, fields: Fields, where: str) -> str:
        method = fields.text("method", 64, "*")
        if method != "*" and method.lower() not in self._known_methods:
            raise FieldError(where + "method", f"no method {method!r} here", "send a name as sendMessage, or *")
        return method
