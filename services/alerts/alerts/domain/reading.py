"""Reading what services say as signals: DOMAIN §10's names, what it is about, one line, and the figures.

Figures are the event's own fields by their plain names. What an alert is about (`key`) never is a person: alerts are
kept, and told to strangers' systems.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, Final, cast

import msgspec

from alerts.domain.signal import Signal, fingerprint
from contracts.alerts import HearOutsideAlert
from contracts.gateway import TelegramUpdatesDegraded
from contracts.ground import AlertCleared, AlertRaised, DeadLetterReceived, Figure, StorageCleared, StorageFailed
from contracts.message import Event
from contracts.payments import OrphanPaymentReceived, ReconciliationDiffDetected, ReviewRequired
from contracts.promo import (
    BruteForceCleared,
    BruteForceSuspected,
    CampaignAutoPaused,
    DiscountAppliedLate,
    OffersConversionDropCleared,
    OffersConversionDropDetected,
    OffersSpamAnomalyCleared,
    OffersSpamAnomalyDetected,
)
from contracts.referrals import (
    ReferralFraudSpikeCleared,
    ReferralFraudSpikeDetected,
    ReferralRewardGranted,
    ReferralRewardMilestoneAvailable,
)

_TEXT_LENGTH_MAX: Final = 300
_OVERALL: Final = "overall"
_PERSONAL: Final = frozenset({"player_id", "referrer_id", "letter_subject"})
"""Figures that name a person stay with their owner, which finds them by the other figures."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind of event is read."""

    event: str
    service: str
    """Who says it; empty: the event itself names its service."""
    key: Callable[[Any], str]
    summary: Callable[[Any], str]
    at: str = "at"
    """The field that says when it was so; where there is none, it was when it was said."""
    is_over: bool = False
    has_end: Callable[[Any], bool] = lambda _: False


def _over(event: str, service: str, key: Callable[[Any], str]) -> Reading:
    return Reading(event=event, service=service, key=key, summary=lambda _: "", is_over=True)


def _offers(event: str, summary: str) -> Reading:
    return Reading(
        event=event, service="promo", key=lambda e: e.scope, summary=lambda _: summary, has_end=lambda _: True
    )


def _diff_key(event: ReconciliationDiffDetected) -> str:
    return event.book if event.provider is None else f"{event.book}:{event.provider.value}"


def _letter_key(event: DeadLetterReceived) -> str:
    """By what died: a thousand letters of one kind are one alert with a count."""
    owner, _, rest = event.letter_subject.partition(".")
    return f"{event.service}:{owner}.{rest.rpartition('.')[2]}"


READINGS: Final[Mapping[type[Event], Reading]] = {
    ReconciliationDiffDetected: Reading(
        event="payments_reconciliation_diff_detected",
        service="payments",
        key=_diff_key,
        summary=lambda e: f"The books differ in {e.diff_count} places ({_diff_key(e)}): {'; '.join(e.diffs[:3])}",
    ),
    ReviewRequired: Reading(
        event="payments_recovery_review_required",
        service="payments",
        key=lambda e: e.charge_id,
        summary=lambda e: f"A payment waits for a decision: {e.reason}",
    ),
    OrphanPaymentReceived: Reading(
        event="payments_orphan_payment",
        service="payments",
        key=lambda e: e.charge_id,
        summary=lambda e: f"Money came in that fits no purchase: {e.amount} {e.currency}, {e.reason}",
        at="paid_at",
    ),
    DeadLetterReceived: Reading(
        event="dead_letter_received",
        service="",
        key=_letter_key,
        summary=lambda e: f"{e.service} put a message aside: {e.error}",
    ),
    CampaignAutoPaused: Reading(
        event="promo_campaign_auto_paused",
        service="promo",
        key=lambda e: e.campaign,
        summary=lambda e: f"Campaign {e.campaign} was paused: {e.failures} wrong codes by {e.players} players",
    ),
    BruteForceSuspected: Reading(
        event="promo_bruteforce_suspected",
        service="promo",
        key=lambda e: e.scope,
        summary=lambda e: f"Somebody guesses codes ({e.scope}): {e.failures} failures by {e.players} players",
        has_end=lambda e: e.scope == _OVERALL,
    ),
    BruteForceCleared: _over("promo_bruteforce_suspected", "promo", lambda e: e.scope),
    DiscountAppliedLate: Reading(
        event="promo_discount_applied_late",
        service="promo",
        key=lambda e: e.campaign,
        summary=lambda e: f"A discount of campaign {e.campaign} was paid for late: {e.overrun} uses beyond what it has",
    ),
    OffersConversionDropDetected: _offers("offers_conversion_drop_detected", "Too few offers lead to a purchase"),
    OffersConversionDropCleared: _over("offers_conversion_drop_detected", "promo", lambda e: e.scope),
    OffersSpamAnomalyDetected: _offers("offers_spam_anomaly_detected", "Offers annoy: too many, or dismissed"),
    OffersSpamAnomalyCleared: _over("offers_spam_anomaly_detected", "promo", lambda e: e.scope),
    ReferralFraudSpikeDetected: Reading(
        event="referral_fraud_spike_detected",
        service="referrals",
        key=lambda e: e.scope,
        summary=lambda e: f"{e.rejected} of {e.starts} referrals of 24 hours were rejected for fraud",
        has_end=lambda _: True,
    ),
    ReferralFraudSpikeCleared: _over("referral_fraud_spike_detected", "referrals", lambda e: e.scope),
    ReferralRewardMilestoneAvailable: Reading(
        event="referral_reward_milestone_available",
        service="referrals",
        key=lambda _: "rewards",
        summary=lambda e: f"A referrer may claim reward {e.number}",
    ),
    ReferralRewardGranted: Reading(
        event="referral_reward_granted",
        service="referrals",
        key=lambda _: "rewards",
        summary=lambda e: f"A referrer was given reward {e.number} as {e.choice.value}",
    ),
    TelegramUpdatesDegraded: Reading(
        event="telegram_updates_degraded",
        service="gateway",
        key=lambda e: e.bot,
        summary=lambda e: f"Telegram's updates are late or go unanswered: {e.pending} wait",
    ),
    StorageFailed: Reading(
        event="storage_failed",
        service="",
        key=lambda e: f"{e.service}:{e.stream}",
        summary=lambda e: f"{e.service} can store nothing in {e.stream}: {e.error}",
        has_end=lambda _: True,
    ),
    StorageCleared: _over("storage_failed", "", lambda e: f"{e.service}:{e.stream}"),
    AlertRaised: Reading(
        event="", service="", key=lambda e: e.key, summary=lambda e: e.summary, has_end=lambda e: e.has_end
    ),
    AlertCleared: _over("", "", lambda e: e.key),
}
"""Every event that is an alert, or the end of one."""


def fingerprint_of_event(event: Event) -> str:
    """Return the fingerprint of the alert that an event is about; raises KeyError for one that is about none."""
    reading, said = READINGS[type(event)], cast("Any", event)
    return fingerprint(reading.event or said.event, reading.key(event))


def signal_of(event: Event, said_at: datetime) -> Signal:
    """Return what an event says that was said at this instant; raises KeyError for one that is no alert."""
    reading = READINGS[type(event)]
    said: Any = event
    figures = _pairs(event.figures) if isinstance(event, AlertRaised) else tuple(_figures(event).items())
    return Signal(
        event=reading.event or said.event,
        key=reading.key(event),
        service=reading.service or (isinstance(event, AlertRaised) and event.about) or said.service,
        at=getattr(event, reading.at, said_at),
        is_over=reading.is_over,
        has_end=reading.has_end(event),
        summary=line(reading.summary(event)),
        figures=figures,
    )


def outside_signal(command: HearOutsideAlert) -> Signal:
    """Return what Prometheus says."""
    return Signal(
        event=command.event,
        key=command.key,
        service=command.service,
        at=command.at,
        is_over=not command.firing,
        has_end=True,
        severity=command.severity,
        summary=line(command.summary),
        figures=_pairs(command.figures),
        runbook=command.runbook,
    )


def _pairs(figures: tuple[Figure, ...]) -> tuple[tuple[str, str | int], ...]:
    return tuple((figure.name, figure.value) for figure in figures)


def line(text: str) -> str:
    """Return a text as one line of at most 300 characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _TEXT_LENGTH_MAX else f"{flat[: _TEXT_LENGTH_MAX - 1]}…"


def _figures(event: Event) -> dict[str, str | int]:
    """Return an event's fields as plain names and values, without those that name a person."""
    found: dict[str, str | int] = {}
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if value is not None and name not in _PERSONAL:
            found[name] = _plain(value)
    if isinstance(event, DeadLetterReceived):
        found["letter_type"] = _letter_key(event).partition(":")[2]
    return found


def _plain(value: Any) -> str | int:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return line("; ".join(map(str, cast("tuple[Any, ...]", value))))
    return line(str(value))
