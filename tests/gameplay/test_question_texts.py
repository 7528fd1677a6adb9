"""What the texts and options of a question must be like: composed, told apart, shown as they are."""

import json
import unicodedata
from typing import Any

import pytest
from question_stage import in_lines, only, refusal, row


def test_texts_are_composed():
    decomposed = unicodedata.normalize("NFD", json.dumps(row(), ensure_ascii=False)).encode()
    assert only(decomposed, "x.jsonl") == only(in_lines(row()), "x.jsonl")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("schön", unicodedata.normalize("NFD", "schön")),
        ("Eiche", "eiche"),
        ("Eiche", "EICHE"),
        ("die Eiche", "die  Eiche"),
        ("Eiche", "Eichе"),
        ("Cop", "Сор"),
        ("Eiche", "Ｅiche"),
        ("geht’s", "geht's"),
        ("Sie fragt", "sie Fragt"),
        ("❤️", "❤"),
    ],
)
def test_options_that_nobody_can_tell_apart_are_refused(one: str, other: str):
    reason = refusal(in_lines(row(options=[one, other, "Ahorn", "Linde"], answer=one)))
    assert reason.startswith("options: ")
    assert "the same" in reason


@pytest.mark.parametrize(
    ("one", "other", "change"),
    [
        ("Masse", "Maße", {}),
        ("Bar", "Bär", {}),
        ("schon", "schön", {}),
        ("m²", "m2", {}),
        ("Il", "11", {}),
        ("sie", "Sie", {}),
        ("mit ihnen", "mit Ihnen.", {}),
        ("das Essen", "das essen", {"text": "Wie schreibt man es richtig?"}),
        ("das Essen", "das essen", {"category": "spelling"}),
        ("Привет", "привет!", {}),
    ],
)
def test_distinctions_that_a_question_may_be_about_stay(one: str, other: str, change: dict[str, str]):
    assert only(in_lines(row(options=[one, other, "Ahorn", "Linde"], answer=one, **change)), "x.jsonl").answer == one


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"category": "tr\0ees"}, "category: U+0000 (a control character) cannot be shown"),
        ({"category": "x" * 65}, "category: 65 characters"),
        ({"language": "d\0"}, "language: 'd\\x00' is no code"),
        ({"text": "Wie heißt\u00a0der Baum?"}, "text: U+00A0 (a blank: NO-BREAK SPACE)"),
        ({"text": "Wie heißt der Baum\u200d?"}, "text: U+200D (ZERO WIDTH JOINER)"),
        ({"text": "Wie heißt\nder Baum?"}, "text: must be one line"),
        ({"text": " Wie heißt der Baum?"}, "text: must be without blanks at its ends"),
        ({"text": "Wer schrieb &quot;Faust&quot;?"}, "text: &quot; is escaped"),
        ({"text": "Wie%20heisst%20der%20Baum"}, "text: encoded as for a web address"),
        ({"options": ["Ahorn", "Birke", "Eiche", "Lin&shy;de"]}, "option: &shy; is escaped"),
        ({"options": ["Eiche", "Eiche\ufe0f", "Ahorn", "Linde"]}, "options: 'Eiche' and 'Eiche\\ufe0f' look the same"),
        ({"options": ["Eiche", "Ei\u034fche", "Ahorn", "Linde"]}, "options: 'Eiche' and 'Ei\\u034fche' look the same"),
        ({"options": ["Eiche", "\u3164", "Ahorn", "Linde"]}, "option: U+3164 (HANGUL FILLER) cannot be shown"),
        ({"options": ["Eiche", "\u2800", "Ahorn", "Linde"]}, "option: U+2800 (BRAILLE PATTERN BLANK) cannot be shown"),
        ({"options": ["Eiche", "Ahorn", "Birke", "Linde\U000e0100"]}, "option: U+E0100 (VARIATION SELECTOR-17)"),
        ({"options": ["Eiche", "Ahorn", "Birke", "\u0301"]}, "option: U+0301 (COMBINING ACUTE ACCENT) cannot be shown"),
        ({"text": "Wie heißt \u0308der Baum?"}, "text: U+0308 (COMBINING DIAERESIS) cannot be shown"),
    ],
)
def test_a_refusal_tells_the_true_reason(change: dict[str, Any], reason: str):
    assert refusal(in_lines(row(**change))).startswith(reason)


def test_emoji_stay_whole_and_a_per_cent_sign_is_one():
    emoji = row(text="Sind 20% Rabatt & mehr gut?", options=["👨‍👩‍👧‍👦", "👩", "👨", "👧"], answer="👩")
    assert only(in_lines(emoji), "x.jsonl").options[0] == "👨‍👩‍👧‍👦"
    heart = row(text="Was heißt ❤️ in Worten?", options=["1️⃣", "2️⃣", "☀️", "🏳️‍🌈"], answer="☀️")
    assert only(in_lines(heart), "x.jsonl").answer == "☀️"


def test_a_question_in_english_needs_no_second_explanation():
    english = row(language="en", explanation="An oak is a tree.", explanation_en="")
    assert only(in_lines(english), "x.jsonl").explanation_en == ""
    assert refusal(in_lines(english | {"explanation": ""})).startswith("explanation: 0 characters")
    assert refusal(in_lines(english | {"language": "de"})).startswith("explanation_en: 0 characters")
