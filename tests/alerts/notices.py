"""Notices for tests of the channels: one by hand, and any."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from alerts.domain.notice import Notice
from contracts.alerts import NoticeKind, Severity, Tier

FIRST = datetime(2026, 11, 30, 22, 15, 7, tzinfo=UTC)
RUNBOOK = "https://runbooks.test/payments_orphan_payment"


def notice(**more: Any) -> Notice:
    """An orphan payment that was just heard of."""
    given: dict[str, Any] = {
        "notice_id": UUID(int=1),
        "alert_id": "0123456789abcdef0123-1",
        "event": "payments_orphan_payment",
        "key": "charge-1",
        "service": "payments",
        "severity": Severity.ERROR,
        "tier": Tier.L1,
        "kind": NoticeKind.OPENED,
        "count": 1,
        "first_at": FIRST,
        "last_at": FIRST + timedelta(minutes=3),
        "summary": "A payment of 149 Stars belongs to no purchase",
        "figures": {"stars": 149, "player": "5000000001"},
        "runbook": RUNBOOK,
        "by": "",
    }
    return Notice(**(given | more))


TEXTS = st.one_of(st.text(max_size=40), st.sampled_from(["", "&<>" * 2000, "<!channel>", "ü" * 5000, "a\nb|c>"]))
NOTICES = st.builds(
    notice,
    notice_id=st.uuids(),
    event=st.one_of(st.just("promo_campaign_auto_paused"), TEXTS),
    key=TEXTS,
    service=TEXTS,
    severity=st.sampled_from(Severity),
    tier=st.sampled_from(Tier),
    kind=st.sampled_from(NoticeKind),
    count=st.integers(1, 10**9),
    summary=TEXTS,
    figures=st.dictionaries(TEXTS, st.one_of(TEXTS, st.integers(-(2**63), 2**63 - 1)), max_size=40),
    runbook=st.one_of(st.none(), TEXTS.map(lambda text: f"https://runbooks.test/{text}"), TEXTS),
    by=TEXTS,
)
