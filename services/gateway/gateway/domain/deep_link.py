"""Deep links: `t.me/<bot>?start=<kind>_<value>`."""

import re

import msgspec

_LINK = re.compile(r"^(ref|promo|duel)_([A-Za-z0-9_-]{1,58})$")


class DeepLink(msgspec.Struct, frozen=True):
    """What a start parameter asks for."""

    kind: str
    """`ref`, `promo` or `duel`."""
    value: str


def parse_deep_link(parameter: str) -> DeepLink | None:
    """Return the link in a start parameter, or None for one that nobody here knows."""
    match = _LINK.match(parameter)
    return DeepLink(match[1], match[2]) if match else None
