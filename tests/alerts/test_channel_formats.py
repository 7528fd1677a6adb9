"""What channels write: within what the providers take, whatever is in a notice, and readable (DOMAIN §10)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notices import FIRST, NOTICES, RUNBOOK, notice

from alerts.channels.generic import document
from alerts.channels.pagerduty import event
from alerts.channels.slack_message import message
from alerts.channels.slack_text import escaped, link
from alerts.channels.wording import one_line
from alerts.domain.notice import Notice
from contracts.alerts import NoticeKind, Severity, Tier
from sandbox.oncall.blocks import refusal
from sandbox.oncall.pagerduty import event_errors

KEY = "k" * 32


def texts(found: Any) -> list[str]:
    """Every text in a message, in order."""
    if isinstance(found, dict):
        return [text for name, value in found.items() if name != "type" for text in texts(value)]
    return [text for one in found for text in texts(one)] if isinstance(found, list) else [str(found)]


def marked_up(found: Any) -> list[str]:
    """The texts in which Slack looks for links, dates and calls."""
    if isinstance(found, dict):
        inner = [text for value in found.values() for text in marked_up(value)]
        return [found["text"], *inner] if found.get("type") == "mrkdwn" else inner
    return [text for one in found for text in marked_up(one)] if isinstance(found, list) else []


# -- Slack ---------------------------------------------------------------------------------------------


def test_slack_says_what_happened_since_when_the_numbers_and_the_runbook() -> None:
    said = message((notice(count=4),))
    whole = "\n".join(texts(said["blocks"]))
    assert said["blocks"][0]["text"]["text"] == "🟠 ERROR · payments_orphan_payment"
    for expected in (
        "*A payment of 149 Stars belongs to no purchase*",
        f"*Since*\n<!date^{int(FIRST.timestamp())}^{{date_short_pretty}}, {{time_secs}}|2026-11-30 22:15:07 UTC>",
        "*Heard*\n4 times",
        "*stars*\n149",
        f"<{RUNBOOK}|Runbook>",
        "payments · charge-1 · ops_l1 · 0123456789abcdef0123-1",
    ):
        assert expected in whole
    assert said["text"] == "🟠 [error] payments_orphan_payment: A payment of 149 Stars belongs to no purchase"


@pytest.mark.parametrize(
    ("kind", "by", "how"),
    [
        (NoticeKind.REPEATED, "", "still open"),
        (NoticeKind.ESCALATED, "", "nobody acknowledged it, now for ops_l1"),
        (NoticeKind.ACKED, "mira", "acknowledged by mira"),
        (NoticeKind.RESOLVED, "mira", "resolved by mira"),
        (NoticeKind.RESOLVED, "", "resolved"),
    ],
)
def test_every_channel_says_how_it_stands(kind: NoticeKind, by: str, how: str) -> None:
    told = notice(kind=kind, by=by)
    assert how in message((told,))["blocks"][1]["text"]["text"]
    assert how in message((told, notice()))["blocks"][1]["text"]["text"]
    assert how in one_line(told)
    assert how in json.loads(document((told,)))["text"]


def test_what_is_over_is_green_and_a_group_has_the_colour_of_its_worst() -> None:
    over = notice(kind=NoticeKind.RESOLVED, severity=Severity.CRITICAL)
    assert message((over,))["text"].startswith("🟢")
    assert message((over, notice(severity=Severity.INFO)))["blocks"][0]["text"]["text"].startswith("🔵 2 alerts")
    assert message((over, over))["blocks"][0]["text"]["text"].startswith("🟢")


def test_the_worst_of_a_group_are_named_and_the_others_counted() -> None:
    many = [notice(severity=Severity.WARNING, event="dead_letter_received") for _ in range(700)]
    said = message((*many, notice(severity=Severity.CRITICAL, event="payments_reconciliation_diff_detected")))
    whole = texts(said["blocks"])
    assert whole[0] == "🔴 701 alerts: 1 critical, 700 warning"
    assert whole[2].startswith("🔴 *payments_reconciliation_diff_detected*")
    assert "• dead_letter_received × 689" in whole[-1]
    assert said["text"].endswith("more")


@given(st.lists(NOTICES, min_size=1, max_size=30))
def test_slack_takes_whatever_is_in_the_notices(notices: list[Notice]) -> None:
    said = message(tuple(notices))
    assert refusal(json.loads(json.dumps(said))) == ""
    assert len(said["text"]) <= 3000
    assert not any("<!" in text.replace("<!date^", "") for text in [said["text"], *marked_up(said["blocks"])])


@given(st.text(), st.integers(1, 60))
def test_escaping_ends_in_time_and_never_within_an_escape(text: str, length_max: int) -> None:
    said = escaped(text, length_max)
    assert len(said) <= length_max
    plain = said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain == text or (plain.endswith("…") and text.startswith(plain[:-1]))
    assert "<" not in said
    assert ">" not in said


def test_an_address_that_would_end_its_link_is_text() -> None:
    assert link(RUNBOOK, "Runbook") == f"<{RUNBOOK}|Runbook>"
    assert link("https://x.test/|a", "Runbook") == "https://x.test/|a"
    assert link("https://x.test/>", "Runbook") == "<https://x.test/&gt;|Runbook>"
    assert link("javascript:alert(1)", "Runbook") == "javascript:alert(1)"
    assert link("https://x.test/" + "a" * 900, "Runbook").endswith("…")


# -- PagerDuty -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (NoticeKind.OPENED, "trigger"),
        (NoticeKind.REPEATED, "trigger"),
        (NoticeKind.ESCALATED, "trigger"),
        (NoticeKind.ACKED, "acknowledge"),
        (NoticeKind.RESOLVED, "resolve"),
    ],
)
def test_pagerduty_finds_the_incident_again(kind: NoticeKind, action: str) -> None:
    said = event(notice(kind=kind), KEY)
    assert (said["event_action"], said["dedup_key"]) == (action, "0123456789abcdef0123-1")


def test_pagerduty_is_told_what_a_person_needs_at_night() -> None:
    said = event(notice(severity=Severity.CRITICAL, tier=Tier.L2), KEY)
    payload = said["payload"]
    assert payload["summary"] == "payments_orphan_payment: A payment of 149 Stars belongs to no purchase"
    assert (payload["severity"], payload["source"], payload["class"]) == (
        "critical",
        "starquiz/payments",
        "payments_orphan_payment",
    )
    assert payload["timestamp"] == "2026-11-30T22:15:07+00:00"
    details = payload["custom_details"]
    assert (details["stars"], details["key"], details["tier"], details["heard"]) == (149, "charge-1", "ops_l2", 1)
    assert said["links"] == [{"href": RUNBOOK, "text": "Runbook"}]


@given(NOTICES)
def test_pagerduty_takes_whatever_is_in_a_notice(told: Notice) -> None:
    said = json.loads(json.dumps(event(told, KEY)))
    assert event_errors(said) == []
    assert len(json.dumps(said).encode()) < 512 * 1024


# -- the generic hook ----------------------------------------------------------------------------------


def test_the_generic_hook_gets_words_and_every_field() -> None:
    said = json.loads(document((notice(), notice(severity=Severity.CRITICAL))))
    assert (said["version"], said["severity"], len(said["notices"])) == (1, "critical", 2)
    assert [line[:10] for line in said["text"].split("\n")] == ["[critical]", "[error] pa"]
    first = said["notices"][0]
    assert first["alert_id"] == first["dedup_key"] == "0123456789abcdef0123-1"
    assert (first["kind"], first["figures"], first["runbook"]) == (
        "OPENED",
        {"stars": 149, "player": "5000000001"},
        RUNBOOK,
    )
    assert first["first_at"] == "2026-11-30T22:15:07Z"
    assert said["text"].endswith("[error] payments_orphan_payment: A payment of 149 Stars belongs to no purchase")


def test_the_generic_hooks_words_are_not_endless() -> None:
    said = json.loads(document(tuple(notice() for _ in range(500))))
    assert len(said["notices"]) == 500
    assert said["text"].split("\n")[-1] == "and 480 more"
