"""Deep links: `t.me/<bot>?start=<kind>_<value>`."""

import re

import msgspec

_LINK = re.compile(r"(ref|promo|duel|shop|c|s)_([A-Za-z0-9_-]{1,58})")


class DeepLink(msgspec.Struct, frozen=True):
    """What a start parameter asks for."""

    kind: str
    """`ref`, `promo`, `duel`, `shop`, `c` (a campaign) or `s` (a screen)."""
    value: str


def parse_deep_link(parameter: str) -> DeepLink | None:
    """Return the link in a start parameter, or None for one that nobody here knows."""
    match = _LINK.fullmatch(parameter)
    return DeepLink(match[1], match[2]) if match else None


def shop_link(product: str) -> str:
    """Return the start parameter that leads to the shelf a product stands on: what a forwarded invoice becomes."""
    return f"shop_{product}"


def referral_link(bot_username: str, code: str) -> str:
    """Return the address by which a player brings others (DOMAIN §9)."""
    return f"https://t.me/{bot_username}?start=ref_{code}"
