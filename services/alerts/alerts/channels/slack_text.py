"""Slack's `mrkdwn`: what must be escaped in it, and its dates, which each reader sees in their own time zone."""

from datetime import datetime

_URL_MAX = 500
_ENDS_LINK = frozenset("|\n\r")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str, length_max: int) -> str:
    """Return the text as Slack shows it letter by letter, in `length_max` characters at most, escapes counted.

    What does not fit ends in `…`, and never within an escape. Whoever writes `<!channel>` in a text calls nobody.
    """
    whole = "".join(_ESCAPES.get(char, char) for char in text)
    if len(whole) <= length_max:
        return whole
    kept, length = list[str](), 1
    for char in text:
        piece = _ESCAPES.get(char, char)
        length += len(piece)
        if length > length_max:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "…"


def link(url: str, label: str) -> str:
    """Return a link; an address that would end it early, or is too long for one, is written as text."""
    shown = escaped(url, _URL_MAX)
    is_link = url.startswith(("https://", "http://")) and not shown.endswith("…") and not _ENDS_LINK & set(url)
    return f"<{shown}|{label}>" if is_link else shown


def moment(when: datetime) -> str:
    """Return a time; who cannot show dates shows it in UTC."""
    fallback = when.strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"<!date^{int(when.timestamp())}^{{date_short_pretty}}, {{time_secs}}|{fallback}>"
