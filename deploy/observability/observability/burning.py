"""Rules of the objectives: how fast the budget of 30 days burns, seen over two windows at once.

The long window says that it matters, the short one that it is still going on, so that an alert clears soon after.
Few events make large shares: below `ENOUGH_BAD` bad ones nobody is called, and a trickle of them is a ticket.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from observability.objectives import Objective

ENOUGH_BAD: Final = 10
"""Bad events of the long window from which on a burn is believed."""
TRICKLE_BAD: Final = 3
"""Bad events of a day from which on a trickle is told, however few there were in all."""
_TRICKLE_BURN: Final = 3.0
_TRICKLE_WINDOW: Final = "1d"


class Burn(msgspec.Struct, frozen=True):
    """A pair of windows, and the multiple of the budget's even use from which on it alerts."""

    long: str
    short: str
    factor: float
    severity: str


BURNS: Final = (
    Burn("1h", "5m", 14.4, "page"),
    Burn("6h", "30m", 6.0, "page"),
    Burn("1d", "2h", 3.0, "ticket"),
    Burn("3d", "6h", 1.0, "ticket"),
)
"""2 % of the budget in an hour, 5 % in six hours, 10 % in a day, 10 % in three days."""
WINDOWS: Final = tuple(dict.fromkeys(window for burn in BURNS for window in (burn.short, burn.long)))


def recorded(objectives: Sequence[Objective]) -> Iterator[dict[str, Any]]:
    """Yield the rules that record, by window, how many events there were and how many of them were bad."""
    for objective in objectives:
        labels = {"slo": objective.name}
        for window in WINDOWS:
            events = f"sum(increase({_over(objective.events, window)}))"
            good = f"sum(increase({_over(objective.good_events, window)}))"
            yield {"record": f"slo:events:increase{window}", "expr": events, "labels": labels}
            # Without a good one the series of the good may be missing altogether: then all are bad.
            yield {"record": f"slo:bad:increase{window}", "expr": f"{events} - ({good} or vector(0))", "labels": labels}


def alerts(objectives: Sequence[Objective]) -> Iterator[dict[str, Any]]:
    """Yield the rules that alert."""
    for objective in objectives:
        for burn in BURNS:
            yield _burning(objective, burn)
        yield _trickling(objective)


def _burning(objective: Objective, burn: Burn) -> dict[str, Any]:
    limit = _number(burn.factor * objective.budget)
    over = [f"{_share(objective, window)} > {limit}" for window in (burn.long, burn.short)]
    return {
        "alert": "BudgetBurns",
        "expr": f"{over[0]} and {over[1]} and {_bad(objective, burn.long)} >= {ENOUGH_BAD}",
        "labels": _labels(objective, burn.severity) | {"window": burn.long},
        "annotations": _words(
            objective,
            f"{objective.title}: {{{{ $value | humanizePercentage }}}} of the last {burn.long} did not. "
            f"The budget of 30 days burns {burn.factor:g} times too fast.",
        ),
    }


def _trickling(objective: Objective) -> dict[str, Any]:
    bad, limit = _bad(objective, _TRICKLE_WINDOW), _number(_TRICKLE_BURN * objective.budget)
    return {
        "alert": "BudgetTrickles",
        "expr": f"{bad} >= {TRICKLE_BAD} and {bad} < {ENOUGH_BAD} and {_share(objective, _TRICKLE_WINDOW)} > {limit}",
        "labels": _labels(objective, "ticket") | {"window": _TRICKLE_WINDOW},
        "annotations": _words(
            objective,
            f"{objective.title}: {{{{ $value | humanize }}}} of few did not in a day. Too few to call anybody.",
        ),
    }


def _labels(objective: Objective, severity: str) -> dict[str, str]:
    return {"severity": severity, "slo": objective.name, "service": objective.service}


def _words(objective: Objective, summary: str) -> dict[str, str]:
    return {"summary": summary, "runbook": f"docs/runbooks/objectives.md#{objective.runbook}"}


def _share(objective: Objective, window: str) -> str:
    return f"{_bad(objective, window)} / {_series('events', objective, window)}"


def _bad(objective: Objective, window: str) -> str:
    return _series("bad", objective, window)


def _series(kind: str, objective: Objective, window: str) -> str:
    return f'slo:{kind}:increase{window}{{slo="{objective.name}"}}'


def _over(selector: str, window: str) -> str:
    return f"{selector.replace('{}', '')}[{window}]"


def _number(value: float) -> str:
    return f"{value:.6g}"
