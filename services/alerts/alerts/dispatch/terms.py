"""How each channel wants to be called (DOMAIN §10: limits, grouping)."""

from collections.abc import Mapping
from typing import Final

import msgspec

from contracts.alerts import ChannelName

CALL_SECONDS_MAX: Final = 20.0
"""A channel's own time-out is shorter; one that does not keep it is cut off."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """Of one channel."""

    group_max: int
    """Notices in one message at most."""
    gap_seconds: float
    """Between two calls at least."""
    group_seconds: float
    """What comes within so long of a message waits for the next one, unless that is full before."""


def terms(group_seconds: float) -> Mapping[ChannelName, Terms]:
    """Return the terms of every channel: PagerDuty 120 calls a minute and key, Slack one message a second and hook."""
    return {
        ChannelName.PAGERDUTY: Terms(group_max=1, gap_seconds=0.51, group_seconds=0),
        ChannelName.SLACK: Terms(group_max=100, gap_seconds=1.0, group_seconds=group_seconds),
        ChannelName.GENERIC: Terms(group_max=500, gap_seconds=0.2, group_seconds=group_seconds),
    }
