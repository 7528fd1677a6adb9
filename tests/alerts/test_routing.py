"""The routing table under an operator's policy (DOMAIN §10): what it changes, and what stops the start."""

import json

import pytest
from pydantic import SecretStr

from actors.settings import SettingsError
from alerts.app import SPEC
from alerts.domain.policy import PolicyError, parse_policy
from alerts.domain.routing import Router
from alerts.settings import AlertsSettings
from contracts.alerts import ChannelName, Severity, Tier
from devstack.services import rooms

_ALL = tuple(ChannelName)
_ALL_IN_ORDER = (ChannelName.PAGERDUTY, ChannelName.SLACK, ChannelName.GENERIC)


def _router(policy: object) -> Router:
    return Router(parse_policy(json.dumps(policy)), _ALL)


def test_a_policy_changes_what_it_names_and_an_event_s_own_word_counts_more_than_everybody_s() -> None:
    router = _router(
        {
            "*": {"escalate_after_s": 30, "channels": ["slack"]},
            "dead_letter_received": {"severity": "critical", "channels": ["pagerduty", "generic"]},
        }
    )
    letter, other = router.route("dead_letter_received"), router.route("anything")
    assert letter.severity is Severity.CRITICAL
    assert letter.channels == (ChannelName.PAGERDUTY, ChannelName.GENERIC)
    assert (letter.escalate_after_s, other.escalate_after_s) == (30, 30)
    assert (other.channels, other.severity) == ((ChannelName.SLACK,), Severity.WARNING)


def test_what_is_in_no_table_and_says_that_it_is_bad_calls_somebody() -> None:
    router = _router({"Known": {"channels": ["generic"]}})
    page = router.route("BudgetBurns", Severity.CRITICAL)
    assert (page.channels, page.chain, page.severity) == (_ALL_IN_ORDER, (Tier.L1,), Severity.CRITICAL)
    assert ChannelName.PAGERDUTY not in router.route("BudgetBurns", Severity.ERROR).channels
    ticket = router.route("BudgetTrickles", Severity.WARNING)
    assert (ticket.channels, ticket.chain[0]) == ((ChannelName.GENERIC,), Tier.L3)
    assert router.route("Known", Severity.CRITICAL).channels == (ChannelName.GENERIC,)
    own = router.route("telegram_updates_degraded", Severity.CRITICAL)
    assert (own.channels, own.severity) == ((ChannelName.GENERIC,), Severity.CRITICAL)


def test_a_policy_says_who_comes_first_and_who_next() -> None:
    router = _router({"a": {"tier": "ops_l3", "escalate_to": "ops_l1"}, "b": {"tier": "ops_l2"}})
    assert router.route("a").chain == (Tier.L3, Tier.L1)
    assert router.route("b").chain == (Tier.L2, Tier.L1)
    assert router.route("c").chain == (Tier.L3, Tier.L2, Tier.L1)


def test_never_is_zero_seconds_and_what_info_is_anyway() -> None:
    router = _router({"dead_letter_received": {"escalate_after_s": 0}})
    assert router.route("dead_letter_received").escalate_after_s is None
    assert router.route("referral_reward_granted").escalate_after_s is None
    assert router.route("x", Severity.CRITICAL).escalate_after_s == 300


@pytest.mark.parametrize(
    ("policy", "place"),
    [
        ("{", "it is no JSON"),
        ("[]", "it must be an object"),
        ('{"a b": {}}', "'a b'"),
        ('{"a": []}', "a: an object"),
        ('{"a": {"chanels": []}}', "a.chanels"),
        ('{"a": {"channels": []}}', "a.channels"),
        ('{"a": {"channels": ["fax"]}}', "a.channels: a list of pagerduty"),
        ('{"a": {"channels": ["slack", "slack"]}}', "a.channels"),
        ('{"a": {"severity": "bad"}}', "a.severity: critical"),
        ('{"a": {"tier": "ops_l4"}}', "a.tier: ops_l1"),
        ('{"a": {"escalate_after_s": -1}}', "a.escalate_after_s"),
        ('{"a": {"escalate_after_s": 1.5}}', "a.escalate_after_s"),
        ('{"a": {"escalate_to": null}}', "a.escalate_to: leave it out"),
        ('{"a": {}, "a": {}}', "a: it is there twice"),
    ],
)
def test_a_bad_policy_stops_the_start_with_the_place_named(policy: str, place: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(policy)
    assert place in str(caught.value)
    with pytest.raises(SettingsError) as stopped:
        AlertsSettings(nats_url="nats://n", postgres_dsn=SecretStr("d"), ops_alert_escalation_policy_json=policy)
    assert str(stopped.value).startswith("OPS_ALERT_ESCALATION_POLICY_JSON: ")
    assert place in str(stopped.value)


def test_every_service_s_dead_letters_and_jobs_are_heard() -> None:
    assert set(SPEC.listens_to) == {room.name for room in rooms()}
