"""Question files in a few words: rows, sheets, lines, and what reading them comes to."""

import json
from typing import Any

from gameplay.domain.bank import Question
from gameplay.store.question_files import Defaults, read
from gameplay.store.written_rows import RowError

COLUMNS = "mode;level;category;text;option_1;option_2;option_3;option_4;answer;explanation;explanation_en"
MIX = Defaults(mode="QUICK_MIX_A1A2", level="A1", category="test")


def line(text: str = "Wie heißt der Baum?", options: str = "Ahorn;Birke;Eiche;Linde", answer: str = "Eiche") -> str:
    return f"QUICK_MIX_A1A2;A1;trees;{text};{options};{answer};Die Eiche ist ein Baum.;An oak is a tree."


def sheet(*lines: str, mark: str = "\n", header: str = COLUMNS) -> bytes:
    return mark.join((header, *lines, "")).encode()


def row(**change: Any) -> dict[str, Any]:
    return {
        "mode": "QUICK_MIX_A1A2",
        "level": "A1",
        "category": "trees",
        "text": "Wie heißt der Baum?",
        "options": ["Ahorn", "Birke", "Eiche", "Linde"],
        "answer": "Eiche",
        "explanation": "Die Eiche ist ein Baum.",
        "explanation_en": "An oak is a tree.",
    } | change


def in_lines(*rows: Any) -> bytes:
    return "\n".join(json.dumps(one) for one in rows).encode()


def told(data: bytes, name: str, defaults: Defaults = MIX) -> tuple[dict[int, str], dict[int, str]]:
    """Return the questions' texts and the refusals, each by its line."""
    rows = list(read(data, defaults, name=name))
    good = {one[0]: one[1].text for one in rows if not isinstance(one, RowError)}
    return good, {one.line: one.reason for one in rows if isinstance(one, RowError)}


def only(data: bytes, name: str) -> Question:
    (found,) = read(data, MIX, name=name)
    assert not isinstance(found, RowError), found
    return found[1]


def refusal(data: bytes, name: str = "x.jsonl") -> str:
    (found,) = read(data, MIX, name=name)
    assert isinstance(found, RowError)
    return found.reason
