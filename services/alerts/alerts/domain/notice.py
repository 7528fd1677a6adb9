"""The seam between the life of alerts and the channels: what a channel is handed, and what it says (DOMAIN §10).

A channel never retries and never raises for what a provider does, be it HTML, 5xx, 429, a time-out, a DNS error or a
closed connection: that is `Later` or `Refused`. Retrying, limits, grouping and order are `alerts.dispatch`'s.
"""

from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

import msgspec

from contracts.alerts import NoticeKind, Severity, Tier

Figures: TypeAlias = dict[str, str | int]
"""Plain names to what they are: `players`, `amount`."""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What people are told of one alert, once."""

    notice_id: UUID
    """The same on every try and at every channel: who has seen it has seen this notice."""
    alert_id: str
    event: str
    key: str
    service: str
    severity: Severity
    tier: Tier
    """Who is meant."""
    kind: NoticeKind
    count: int
    """How often it was heard since it is open."""
    first_at: datetime
    last_at: datetime
    summary: str
    """One line in English: what happened."""
    figures: Figures
    runbook: str | None
    """Its address; None: there is none."""
    by: str = ""
    """Who acknowledged or resolved it; empty in every other kind."""

    @property
    def dedup_key(self) -> str:
        """PagerDuty's name for the incident: the same for every notice of one alert."""
        return self.alert_id


class Delivered(msgspec.Struct, frozen=True):
    """The channel has taken all the notices."""


class Later(msgspec.Struct, frozen=True):
    """The channel did not take them now, or it is not known whether it did."""

    after_s: float | None
    """When it wants to be asked again; None: it does not say, and we wait longer each time."""
    reason: str
    """For an operator; without secrets, and no more of the provider's answer than a line."""


class Refused(msgspec.Struct, frozen=True):
    """The channel will never take them."""

    reason: str


Outcome: TypeAlias = Delivered | Later | Refused


class Channel(Protocol):
    """A way to people."""

    async def deliver(self, notices: tuple[Notice, ...]) -> Outcome:
        """Hand over notices of different alerts as one message; one notice where the channel takes no groups."""
        ...
