"""What notices are called by every channel that speaks to people: in English, as all operators read it."""

from collections.abc import Sequence
from typing import Final

from alerts.domain.notice import Notice
from contracts.alerts import NoticeKind, Severity

_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}


def worst(notices: Sequence[Notice]) -> Severity:
    """Return the worst severity among notices, of which there must be one."""
    return min((notice.severity for notice in notices), key=_RANK.__getitem__)


def by_severity(notices: Sequence[Notice]) -> list[Notice]:
    """Return the worst first; equals stay in their order."""
    return sorted(notices, key=lambda notice: _RANK[notice.severity])


def standing(notice: Notice) -> str:
    """Return how an alert stands, in a few words; empty for a new one."""
    match notice.kind:
        case NoticeKind.OPENED:
            return ""
        case NoticeKind.REPEATED:
            return "still open"
        case NoticeKind.ESCALATED:
            return f"nobody acknowledged it, now for {notice.tier}"
        case NoticeKind.ACKED:
            return f"acknowledged by {notice.by}" if notice.by else "acknowledged"
        case NoticeKind.RESOLVED:
            return f"resolved by {notice.by}" if notice.by else "resolved"


def one_line(notice: Notice) -> str:
    """Return a notice in one line: `[critical] payments_orphan_payment: 2 payments … (still open)`."""
    how = standing(notice)
    line = f"[{notice.severity}] {notice.event}: {notice.summary or notice.key}"
    return " ".join((f"{line} ({how})" if how else line).split())


def cut(text: str, length_max: int) -> str:
    """Return the text, or its beginning and `…`, in `length_max` characters at most."""
    return text if len(text) <= length_max else text[: length_max - 1].rstrip() + "…"
