"""Slack's `mrkdwn` as HTML: bold, italic, struck, code, links, dates, and its three escapes."""

import re

from markupsafe import Markup, escape

_ANGLES = re.compile(r"<([^<>]*)>")
_STYLES = (
    (re.compile(r"`([^`\n]+)`"), "code"),
    (re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])"), "b"),
    (re.compile(r"(?<![\w_])_([^_\n]+)_(?![\w_])"), "i"),
    (re.compile(r"(?<![\w~])~([^~\n]+)~(?![\w~])"), "s"),
)
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def html_of(text: str) -> Markup:
    """The text as Slack shows it; whatever else stands in it is shown as it is."""
    pieces: list[Markup] = []
    end = 0
    for found in _ANGLES.finditer(text):
        pieces += [_styled(text[end : found.start()]), _angle(found[1])]
        end = found.end()
    return Markup("").join([*pieces, _styled(text[end:])])


def plain(text: str) -> str:
    """The text without Slack's escapes."""
    for written, meant in _ESCAPES:
        text = text.replace(written, meant)
    return text


def breakable(text: str) -> Markup:
    """A text that may go on in the next line after each underscore, as names of events must on a telephone."""
    return Markup(str(escape(text)).replace("_", "_<wbr>"))  # noqa: S704 - escaped


def _styled(text: str) -> Markup:
    shown = str(escape(plain(text)))
    for pattern, tag in _STYLES:
        shown = pattern.sub(rf"<{tag}>\1</{tag}>", shown)
    return Markup(shown.replace("\n", "<br>"))  # noqa: S704 - escaped above; the tags are ours


def _angle(inside: str) -> Markup:
    """A link `<url|label>`, a date `<!date^seconds^format|fallback>`; anything else by its label."""
    target, _, label = inside.partition("|")
    if target.startswith(("http://", "https://")):
        return Markup('<a href="{}" rel="noreferrer">{}</a>').format(plain(target), plain(label or target))
    return escape(plain(label or target))
