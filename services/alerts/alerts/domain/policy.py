"""The overrides in `OPS_ALERT_ESCALATION_POLICY_JSON`: event → {channels, severity, tier, …} (DOMAIN §10)."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec

from alerts.domain.routing import Override

_EVENT: Final = re.compile(r"\*|[A-Za-z0-9_:.-]{1,128}")
_ESCALATE_AFTER_S_MAX: Final = 7 * 86_400


class PolicyError(ValueError):
    """A policy that cannot be kept; the text names the place in it and what may stand there."""


def parse_policy(text: str) -> Mapping[str, Override]:
    """Return event → override; an empty text overrides nothing. Raises PolicyError."""
    if not text.strip():
        return {}
    try:
        said = json.loads(text, object_pairs_hook=_unique)
    except ValueError as error:
        raise PolicyError(f"it is no JSON: {error}") from error
    if not isinstance(said, dict):
        raise PolicyError('it must be an object: {"event": {"severity": "error"}}')
    return {event: _override(event, given) for event, given in cast("dict[str, Any]", said).items()}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; raises PolicyError for a name that it has twice, of which one would be lost."""
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise PolicyError(f"{twice}: it is there twice; keep one")
    return dict(pairs)


def _override(event: str, given: Any) -> Override:
    if not _EVENT.fullmatch(event):
        raise PolicyError(f"{event!r}: an event's name, or * for all, is expected")
    fields = Override.__struct_fields__
    if not isinstance(given, dict):
        raise PolicyError(f"{event}: an object is expected, with any of {', '.join(fields)}")
    settings = cast("dict[str, Any]", given)
    unknown = sorted(settings.keys() - set(fields))
    if unknown:
        raise PolicyError(f"{event}.{unknown[0]}: there is no such setting; use any of {', '.join(fields)}")
    for name, value in settings.items():
        _check(event, name, value)
    return msgspec.convert(given, Override)


def _check(event: str, name: str, value: Any) -> None:
    """Raise PolicyError for a value that does not fit its field, or fits and means nothing."""
    if value is None:
        raise PolicyError(f"{event}.{name}: leave it out to keep what the table says")
    try:
        made = msgspec.convert({name: value}, Override)
    except msgspec.ValidationError as error:
        raise PolicyError(f"{event}.{name}: {_may_be(name)} (it says {value!r})") from error
    if name == "channels" and (not made.channels or len(set(made.channels)) < len(made.channels)):
        raise PolicyError(f"{event}.channels: name one or more, each once")
    if name == "escalate_after_s" and not 0 <= value <= _ESCALATE_AFTER_S_MAX:
        raise PolicyError(f"{event}.escalate_after_s: {_may_be(name)} (it says {value!r})")


def _may_be(name: str) -> str:
    return {
        "channels": "a list of pagerduty, slack, generic is expected",
        "severity": "critical, error, warning or info is expected",
        "escalate_after_s": f"whole seconds from 0 (never) to {_ESCALATE_AFTER_S_MAX} are expected",
    }.get(name, "ops_l1, ops_l2 or ops_l3 is expected")
