"""Faults of a stand-in that is called and tells of events: the sandbox's own rules in its words (`event`, `call`)."""

from typing import Any

from sandbox.faults.answers import ANSWER_FAULTS, RAW, RAW_FIELDS, raw_fields
from sandbox.faults.rules import Fault, Faults
from sandbox.json_api.fields import FieldError, Fields
from sandbox.stats import Stats

EVENT_FAULTS = ("drop", "delay", "duplicate", "reorder")
CALL_FAULTS = ("429", "500", "503", "timeout", "timeout_after", *ANSWER_FAULTS)
RETRY_AFTER_MAX = 100
SECONDS_MAX = 4 * 86_400
SHARED = ("on", "do", "probability", "count")
EXAMPLE = '{"faults": [{"on": "event", "type": "charge.refunded", "do": "duplicate"}], "seed": 7}'


class CallFaults:
    """Rules for events on their way and for API calls; the first that fits and is drawn decides."""

    def __init__(self, calls: frozenset[str]) -> None:
        self._known_calls = calls
        self._on = {"event": Faults(Stats()), "call": Faults(Stats())}

    def for_event(self, kind: str) -> Fault | None:
        """The fault that hits this event, if any."""
        return self._on["event"].for_method(kind, None)

    def for_call(self, call: str) -> Fault | None:
        """The fault that hits this call (`POST /v1/refunds`, `slack`), if any."""
        return self._on["call"].for_method(call.lower(), None)

    def change(self, body: dict[str, Any]) -> None:
        """Add rules from a JSON body; all or nothing when one is wrong (FieldError)."""
        fields = Fields(body, frozenset({"faults", "seed", "clear"}))
        rules = [self._rule(one, f"faults[{index}].") for index, one in enumerate(fields.objects("faults"))]
        seed = fields.integer("seed", 0, 2**63, None)
        if fields.flag("clear", default=False):
            self.clear()
        if seed is not None:
            for found in self._on.values():
                found.seed(seed)
        for on, rule in rules:
            self._on[on].add("method", **rule)

    def clear(self) -> None:
        """Drop every rule; nothing goes wrong any more."""
        for found in self._on.values():
            found.clear()

    def view(self) -> dict[str, Any]:
        """The active rules with their hits."""
        return {"faults": [_view(on, fault) for on, found in self._on.items() for fault in found.all()]}

    def _rule(self, given: dict[str, Any], where: str) -> tuple[str, dict[str, Any]]:
        on = given.get("on")
        if on == "event":
            fields = Fields(given, frozenset({*SHARED, "type", "delay_ms"}), where)
            rule: dict[str, Any] = {"target": fields.text("type", 64, "*")}
            rule["do"] = fields.choice("do", EVENT_FAULTS)
            rule["delay_ms"] = fields.integer("delay_ms", 0, SECONDS_MAX * 1000, 0)
        elif on == "call":
            known = frozenset({*SHARED, "call", "seconds", "retry_after"})
            fields = Fields(given, known | RAW_FIELDS if str(given.get("do")).startswith(RAW) else known, where)
            rule = {"target": self._call(fields, where), "do": fields.choice("do", CALL_FAULTS)}
            rule["retry_after_header"] = fields.text("retry_after", RETRY_AFTER_MAX, "")
            rule["seconds"] = fields.number("seconds", 0, SECONDS_MAX, None)
            if rule["do"].startswith(RAW):
                rule |= raw_fields(fields)
        else:
            raise FieldError(where + "on", "neither event nor call", f"send for example {EXAMPLE}")
        if rule["do"] == "delay" and not rule["delay_ms"]:
            raise FieldError(where + "delay_ms", "missing", "send milliseconds above 0")
        rule["probability"] = fields.number("probability", 0, 1, 1.0)
        rule["count"] = fields.integer("count", 1, 10**9, None)
        return on, rule

    def _call(self, fields: Fields, where: str) -> str:
        call = fields.text("call", 100, "*")
        if call != "*" and call.lower() not in {known.lower() for known in self._known_calls}:
            raise FieldError(
                where + "call", f"no call {call!r} here", f"known are: {', '.join(sorted(self._known_calls))}"
            )
        return call


def _view(on: str, fault: Fault) -> dict[str, Any]:
    """A rule as it was given, with how often it hit."""
    view: dict[str, Any] = {"on": on, "type" if on == "event" else "call": fault.target, "do": fault.do}
    view |= {"probability": fault.probability, "count": fault.count, "hits": fault.hits}
    if fault.do == "delay":
        view["delay_ms"] = fault.delay_ms
    if fault.retry_after_header:
        view["retry_after"] = fault.retry_after_header
    if fault.do.startswith("timeout"):
        view["seconds"] = fault.seconds
    if fault.do.startswith(RAW):
        view["status"] = fault.status
    return view
