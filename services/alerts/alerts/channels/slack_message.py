"""A Slack message of notices: blocks, and `text` for notifications; within what Slack takes (DOMAIN §10)."""

from collections import Counter
from typing import Any, Final

from alerts.channels.slack_text import escaped, link, moment
from alerts.channels.wording import by_severity, cut, one_line, standing, worst
from alerts.domain.notice import Notice
from contracts.alerts import NoticeKind, Severity

BLOCKS_MAX: Final = 50
SECTION_MAX, FIELD_MAX, HEADER_MAX = 3000, 2000, 150
FIELDS_MAX: Final = 10
TEXT_MAX: Final = 3000
"""Of the notification's text: Slack cuts later, and nobody reads so far."""
NAMED_MAX: Final = 12
"""Notices of a group that have blocks of their own; of the others it says how many there are of each event."""
EVENTS_MAX: Final = 20
_VALUE_MAX: Final = 300
_SUMMARY_MAX: Final = 1000
_CIRCLES: Final = {Severity.CRITICAL: "🔴", Severity.ERROR: "🟠", Severity.WARNING: "🟡", Severity.INFO: "🔵"}

Block = dict[str, Any]


def message(notices: tuple[Notice, ...]) -> dict[str, Any]:
    """Return the message of one notice, or of a group (one at least)."""
    return {"text": _text(notices), "blocks": _alone(notices[0]) if len(notices) == 1 else _group(notices)}


def _alone(notice: Notice) -> list[Block]:
    how = standing(notice)
    blocks = [_header(f"{_circle(notice)} {notice.severity.upper()} · {notice.event}")]
    said = f"*{escaped(notice.summary or notice.key, _SUMMARY_MAX)}*"
    blocks.append(_section(f"{said}\n{escaped(how, _VALUE_MAX)}" if how else said))
    blocks += _facts(notice)
    blocks += _runbook(notice)
    return [*blocks, _context(notice)]


def _group(notices: tuple[Notice, ...]) -> list[Block]:
    counts = Counter(notice.severity for notice in notices)
    said = ", ".join(f"{counts[severity]} {severity}" for severity in Severity if counts[severity])
    blocks = [_header(f"{_worst_circle(notices)} {len(notices)} alerts: {said}")]
    ordered = by_severity(notices)
    for notice in ordered[:NAMED_MAX]:
        blocks += [_section(_entry(notice)), _context(notice)]
    rest = Counter(notice.event for notice in ordered[NAMED_MAX:])
    if rest:
        lines = [f"• {escaped(event, _VALUE_MAX // 3)} × {number}" for event, number in rest.most_common(EVENTS_MAX)]
        if len(rest) > EVENTS_MAX:
            lines.append(f"• and {len(rest) - EVENTS_MAX} other events")
        blocks += [{"type": "divider"}, _section("\n".join([f"*And {rest.total()} more:*", *lines]))]
    return blocks


def _entry(notice: Notice) -> str:
    """Return one notice of a group: what happened, since when, its numbers and its runbook."""
    how = standing(notice)
    head = f"{_circle(notice)} *{escaped(notice.event, _VALUE_MAX)}*"
    lines = [f"{head} · {escaped(how, _VALUE_MAX)}" if how else head]
    lines.append(escaped(notice.summary or notice.key, _VALUE_MAX))
    figures = [f"{escaped(name, 60)} *{escaped(str(value), 60)}*" for name, value in list(notice.figures.items())[:6]]
    lines.append(" · ".join([f"since {moment(notice.first_at)}", *figures]))
    if notice.runbook:
        lines.append(link(notice.runbook, "Runbook"))
    return "\n".join(lines)


def _facts(notice: Notice) -> list[Block]:
    """Return since when it is so, how often, and the numbers, in fields of ten a section."""
    facts = [("Since", moment(notice.first_at))]
    if notice.count > 1:
        facts += [("Heard", f"{notice.count} times, last {moment(notice.last_at)}")]
    facts += [(escaped(name, 100), escaped(str(value), _VALUE_MAX)) for name, value in notice.figures.items()]
    room = 2 * FIELDS_MAX
    if len(facts) > room:
        facts = [*facts[: room - 1], ("More", f"{len(facts) - room + 1} figures are left out")]
    fields = [{"type": "mrkdwn", "text": f"*{name}*\n{value}"} for name, value in facts]
    starts = range(0, len(fields), FIELDS_MAX)
    return [{"type": "section", "fields": fields[start : start + FIELDS_MAX]} for start in starts]


def _runbook(notice: Notice) -> list[Block]:
    return [_section(f"📖 {link(notice.runbook, 'Runbook')}: what it means, what to do")] if notice.runbook else []


def _context(notice: Notice) -> Block:
    facts = (notice.service, notice.key, notice.tier, notice.alert_id)
    said = " · ".join(escaped(fact, _VALUE_MAX) for fact in facts if fact)
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": said}]}


def _header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": cut(text, HEADER_MAX), "emoji": True}}


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _circle(notice: Notice) -> str:
    return "🟢" if notice.kind is NoticeKind.RESOLVED else _CIRCLES[notice.severity]


def _worst_circle(notices: tuple[Notice, ...]) -> str:
    going_on = [notice for notice in notices if notice.kind is not NoticeKind.RESOLVED]
    return _CIRCLES[worst(going_on)] if going_on else "🟢"


def _text(notices: tuple[Notice, ...]) -> str:
    """Return what a notification shows, and who cannot show blocks: a line for each, the worst first."""
    lines, room = list[str](), TEXT_MAX - len(" and 1000000 more")
    for notice in by_severity(notices):
        line = f"{_circle(notice)} {escaped(one_line(notice), _VALUE_MAX)}"
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    left = len(notices) - len(lines)
    return "\n".join([*lines, f"and {left} more"] if left else lines)
