"""Who is told of which event, by which ways, and how soon the next tier is (DOMAIN §10)."""

from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from contracts.alerts import ChannelName, Severity, Tier

_ALL: Final = (ChannelName.PAGERDUTY, ChannelName.SLACK, ChannelName.GENERIC)
_CHAT: Final = (ChannelName.SLACK, ChannelName.GENERIC)
_QUIET: Final = (ChannelName.GENERIC,)

ESCALATE_AFTER_S: Final[Mapping[Severity, int | None]] = {
    Severity.CRITICAL: 5 * 60,
    Severity.ERROR: 15 * 60,
    Severity.WARNING: 60 * 60,
    Severity.INFO: None,
}
"""Seconds until the next tier is told of what nobody acknowledged; None: never."""
_ABOVE: Final[Mapping[Tier, tuple[Tier, ...]]] = {
    Tier.L3: (Tier.L3, Tier.L2, Tier.L1),
    Tier.L2: (Tier.L2, Tier.L1),
    Tier.L1: (Tier.L1,),
}


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """How one event is told."""

    severity: Severity
    channels: tuple[ChannelName, ...]
    escalate_after_s: int | None
    """None: never."""
    chain: tuple[Tier, ...]
    """The tiers of one round of escalation, the first one first."""


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator's policy says of an event; what it leaves out stays as the table says."""

    channels: tuple[ChannelName, ...] | None = None
    severity: Severity | None = None
    tier: Tier | None = None
    escalate_after_s: int | None = None
    """0: never."""
    escalate_to: Tier | None = None
    """The tier after the first; from there it goes up as usual."""


class _Rule(msgspec.Struct, frozen=True):
    severity: Severity
    tier: Tier
    channels: tuple[ChannelName, ...]


_OTHER: Final = _Rule(Severity.WARNING, Tier.L3, _QUIET)
_WATCHED: Final = _Rule(Severity.WARNING, Tier.L2, _CHAT)
_NEWS: Final = _Rule(Severity.INFO, Tier.L3, _CHAT)

TABLE: Final[Mapping[str, _Rule]] = {
    "payments_reconciliation_diff_detected": _Rule(Severity.CRITICAL, Tier.L1, _ALL),
    "payments_recovery_review_required": _Rule(Severity.ERROR, Tier.L1, _ALL),
    "payments_orphan_payment": _Rule(Severity.ERROR, Tier.L1, _ALL),
    "dead_letter_received": _Rule(Severity.ERROR, Tier.L1, _CHAT),
    "promo_campaign_auto_paused": _WATCHED,
    "promo_bruteforce_suspected": _WATCHED,
    "offers_conversion_drop_detected": _WATCHED,
    "offers_spam_anomaly_detected": _WATCHED,
    "referral_fraud_spike_detected": _WATCHED,
    "referral_reward_milestone_available": _NEWS,
    "referral_reward_granted": _NEWS,
    "telegram_updates_degraded": _Rule(Severity.WARNING, Tier.L3, _QUIET),
}
"""DOMAIN §10's table; every other event is `warning`, `ops_l3`, `generic`."""
BROUGHT: Final[Mapping[Severity | None, _Rule]] = {
    Severity.CRITICAL: _Rule(Severity.CRITICAL, Tier.L1, _ALL),
    Severity.ERROR: _Rule(Severity.ERROR, Tier.L1, _CHAT),
}
"""Events of no table that say themselves how bad they are (Prometheus' `page` is critical): as bad as that, somebody is
called, as for the table's own."""


class Router:
    """The table with an operator's overrides, and the channels that are configured."""

    def __init__(self, overrides: Mapping[str, Override], configured: Collection[ChannelName]) -> None:
        """Event → override, `*` for all; an event's own says more than `*`."""
        self._overrides = overrides
        self._configured = frozenset(configured)

    def route(self, event: str, said: Severity | None = None) -> Route:
        """Return how an event is told; `said` is the severity that it brings along, which an override outdoes."""
        rule = TABLE.get(event) or BROUGHT.get(said, _OTHER)
        override = self._override(event)
        severity = override.severity or said or rule.severity
        tier = override.tier or rule.tier
        channels = rule.channels if override.channels is None else override.channels
        after = ESCALATE_AFTER_S[severity] if override.escalate_after_s is None else override.escalate_after_s
        chain = _ABOVE[tier] if override.escalate_to is None else (tier, *_ABOVE[override.escalate_to])
        told = tuple(channel for channel in channels if channel in self._configured)
        return Route(
            severity=severity,
            channels=told or (ChannelName.GENERIC,),
            escalate_after_s=after or None,
            chain=chain,
        )

    def _override(self, event: str) -> Override:
        """Return an event's override, with what that of all events says where it is silent."""
        own, everybodys = self._overrides.get(event, Override()), self._overrides.get("*", Override())
        merged = {
            field: mine if (mine := getattr(own, field)) is not None else getattr(everybodys, field)
            for field in Override.__struct_fields__
        }
        return Override(**merged)
