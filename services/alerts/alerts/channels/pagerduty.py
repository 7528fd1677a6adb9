"""PagerDuty, by its Events API v2: an alert is an incident, found again by its `dedup_key`."""

from collections.abc import Iterable
from typing import Any, Final

import aiohttp
import msgspec

from alerts.channels.posting import TIMEOUT_SECONDS, Posting
from alerts.channels.wording import cut
from alerts.domain.notice import Delivered, Notice, Outcome
from contracts.alerts import NoticeKind

SUMMARY_MAX: Final = 1024
DETAIL_MAX: Final = 1000
"""Characters of one detail, and how many there are: with 512 KiB for all, far below what PagerDuty takes."""
DETAILS_MAX: Final = 60
CLIENT: Final = "Starquiz alerts"
_ACTIONS: Final = {NoticeKind.ACKED: "acknowledge", NoticeKind.RESOLVED: "resolve"}
_encoder: Final = msgspec.json.Encoder()


class _Answer(msgspec.Struct):
    status: str


_answer: Final = msgspec.json.Decoder(_Answer)


class PagerDutyChannel:
    """Sends one event for each notice. PagerDuty says 202 and `"status": "success"` when it took it."""

    def __init__(
        self, session: aiohttp.ClientSession, url: str, routing_key: str, *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        """Post to `url` for the service whose integration key is `routing_key`."""
        self._posting = Posting(
            session, url, secret=routing_key, understands=_is_success, timeout_seconds=timeout_seconds
        )
        self._routing_key = routing_key

    async def deliver(self, notices: tuple[Notice, ...]) -> Outcome:
        """Send them in turn, up to the first that is not taken: those before it do nothing new when they come again."""
        for notice in notices:
            outcome = await self._posting.post(_encoder.encode(event(notice, self._routing_key)))
            if not isinstance(outcome, Delivered):
                return outcome
        return Delivered()


def event(notice: Notice, routing_key: str) -> dict[str, Any]:
    """Return the event of a notice: `trigger`, also when it is told again or escalates, `acknowledge` or `resolve`."""
    action = _ACTIONS.get(notice.kind, "trigger")
    said: dict[str, Any] = {"routing_key": routing_key, "event_action": action, "dedup_key": notice.dedup_key}
    if action != "trigger":
        return said
    said["payload"] = {
        "summary": cut(f"{notice.event}: {notice.summary or notice.key}", SUMMARY_MAX),
        "source": f"starquiz/{notice.service}" if notice.service else "starquiz",
        "severity": notice.severity,
        "timestamp": notice.first_at.isoformat(),
        "component": notice.service or "starquiz",
        "group": notice.tier,
        "class": notice.event,
        "custom_details": dict(_details(notice)),
    }
    said |= {"client": CLIENT, "links": [], "images": []}
    if notice.runbook and _is_address(notice.runbook):
        said["links"] = [{"href": notice.runbook, "text": "Runbook"}]
    return said


def _details(notice: Notice) -> Iterable[tuple[str, str | int]]:
    """Yield what an operator needs, the figures last: what there is too much of is left out."""
    yield "key", cut(notice.key, DETAIL_MAX)
    yield "tier", notice.tier
    yield "heard", notice.count
    yield "first", notice.first_at.isoformat(" ", timespec="seconds")
    yield "last", notice.last_at.isoformat(" ", timespec="seconds")
    if notice.runbook and not _is_address(notice.runbook):
        yield "runbook", cut(notice.runbook, DETAIL_MAX)
    for name, value in list(notice.figures.items())[:DETAILS_MAX]:
        yield cut(name, DETAIL_MAX // 10), value if isinstance(value, int) else cut(value, DETAIL_MAX)


def _is_address(runbook: str) -> bool:
    return runbook.startswith(("https://", "http://"))


def _is_success(status: int, said: bytes) -> bool:
    try:
        return status == 202 and _answer.decode(said).status == "success"
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
