"""HTML as Telegram reads it, and what it finds in plain text."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.entities.detect import detect
from sandbox.entities.html import parse_html, utf16_length
from sandbox.entities.text import formatted
from sandbox.errors import ApiError

READ = [
    ("<b>a</b>", "a", [("bold", 0, 1)]),
    ("<STRONG>a</strong>", "a", [("bold", 0, 1)]),
    ("😀<i>b</i>", "😀b", [("italic", 2, 1)]),
    ("<b>x<i>y</i></b>", "xy", [("bold", 0, 2), ("italic", 1, 1)]),
    ("&lt;b&gt; &amp; &quot;&#228;&#x1F600;&nbsp;&copy", '<b> & "ä😀&nbsp;&copy', []),
    ("a &amp b", "a & b", []),
    (
        "<u>a</u><s>b</s><del>c</del><ins>d</ins>",
        "abcd",
        [("underline", 0, 1), ("strikethrough", 1, 1), ("strikethrough", 2, 1), ("underline", 3, 1)],
    ),
    ('<span class="tg-spoiler">s</span><tg-spoiler>t</tg-spoiler>', "st", [("spoiler", 0, 1), ("spoiler", 1, 1)]),
    ("<code>c</code><pre>p</pre>", "cp", [("code", 0, 1), ("pre", 1, 1)]),
    ("<blockquote>q</blockquote>", "q", [("blockquote", 0, 1)]),
    ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
    ("<b></b>x", "x", []),
    ("a</ b", None, "Unexpected end tag at byte offset 1"),
    ("<b>a", None, 'Can\'t find end tag corresponding to start tag "b"'),
    ("<b>a</i>", None, 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
    ("ä</b>", None, "Unexpected end tag at byte offset 2"),
    ("<p>a</p>", None, 'Unsupported start tag "p" at byte offset 0'),
    ("1 < 2", None, 'Unsupported start tag "" at byte offset 2'),
    ("<b", None, "Unclosed start tag at byte offset 0"),
    ("<b>a</b", None, "Unclosed end tag at byte offset 4"),
    ('<a href="x>a</a>', None, "Unclosed start tag at byte offset 0"),
    ("<a href>a</a>", None, 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
    ("<span>a</span>", None, 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ("<tg-emoji>a</tg-emoji>", None, "Invalid custom emoji identifier specified"),
]


@pytest.mark.parametrize(("source", "text", "expected"), READ)
def test_html(source: str, text: str | None, expected: list[tuple[str, int, int]] | str) -> None:
    if text is None:
        with pytest.raises(ApiError) as refused:
            parse_html(source)
        assert refused.value.description == f"Bad Request: can't parse entities: {expected}"
        return
    found, entities = parse_html(source)
    assert (found, [(one["type"], one["offset"], one["length"]) for one in entities]) == (text, expected)


def test_links_and_languages() -> None:
    _, [link] = parse_html('<a href="https://e.org/?a=1&amp;b=2">x</a>')
    assert link["url"] == "https://e.org/?a=1&b=2"
    _, [link] = parse_html("<a>e.org</a>")
    assert link["url"] == "http://e.org"
    assert parse_html('<a href="no link">x</a>') == ("x", [])
    _, [block] = parse_html('<pre><code class="language-python">x</code></pre>')
    assert block == {"type": "pre", "offset": 0, "length": 1, "language": "python"}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=50))
def test_escaped_text_is_read_as_it_was(text: str) -> None:
    assert parse_html(html.escape(text, quote=False)) == (text, [])


@given(
    st.recursive(
        st.text("aä😀 &<", max_size=4), lambda inner: st.tuples(st.sampled_from("bius"), st.lists(inner, max_size=3))
    )
)
def test_nested_tags_cover_exactly_their_text(tree: object) -> None:
    def source(node: object) -> str:
        match node:
            case (str() as tag, list() as inner):
                return f"<{tag}>{''.join(map(source, inner))}</{tag}>"
            case _:
                return html.escape(str(node))

    def plain(node: object) -> str:
        match node:
            case (str(), list() as inner):
                return "".join(map(plain, inner))
            case _:
                return str(node)

    def spans(node: object) -> int:
        match node:
            case (str(), list() as inner):
                return (plain(node) != "") + sum(map(spans, inner))
            case _:
                return 0

    text, entities = parse_html(source(tree))
    assert text == plain(tree)
    assert len(entities) == spans(tree)
    assert all(one["offset"] >= 0 and one["offset"] + one["length"] <= utf16_length(text) for one in entities)


@given(st.text("<>/abius&;='\" \n", max_size=30))
def test_garbage_is_read_or_refused_and_nothing_else(source: str) -> None:
    try:
        outcome = parse_html(source)[0]
    except ApiError as refused:
        outcome = refused.description
    assert len(outcome) <= len(source) or outcome.startswith("Bad Request: can't parse entities: ")


def test_white_space_at_the_ends_goes_and_entities_follow() -> None:
    text, entities = formatted(" \n<b> a\r\nb </b>\n", "HTML", None, 4096)
    assert text == "a\nb"
    assert entities == [{"type": "bold", "offset": 0, "length": 3}]


def test_given_entities_move_when_carriage_returns_go() -> None:
    text, entities = formatted("a\r\nbc", None, [{"type": "bold", "offset": 3, "length": 2}], 4096)
    assert (text, entities) == ("a\nbc", [{"type": "bold", "offset": 2, "length": 2}])


DETECTED = [
    ("/start ref_A", ["bot_command:/start"]),
    ("see /help, or /play@starquiz_bot!", ["bot_command:/help", "bot_command:/play@starquiz_bot"]),
    ("1/2 and/or a/b", []),
    ("https://t.me/x?start=a.", ["url:https://t.me/x?start=a"]),
    ("t.me/x (e.org/a/b)", ["url:t.me/x", "url:e.org/a/b"]),
    ("a@b.de and @anna_x #lernen #1", ["email:a@b.de", "mention:@anna_x", "hashtag:#lernen"]),
    ("Ende.Neu und so.", []),
]


@pytest.mark.parametrize(("text", "expected"), DETECTED)
def test_what_is_found_in_plain_text(text: str, expected: list[str]) -> None:
    found = detect(text, [])
    assert [f"{one['type']}:{text[one['offset'] : one['offset'] + one['length']]}" for one in found] == expected


def test_nothing_is_found_inside_code_and_links() -> None:
    _, entities = formatted("<code>/play</code> <a href='https://e.org'>/help</a> 😀 /top", "HTML", None, 4096)
    assert [(one["type"], one["offset"]) for one in entities] == [("code", 0), ("text_link", 6), ("bot_command", 15)]
