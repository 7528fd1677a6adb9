"""Questions as the Open Trivia DB hands them out, in whichever of its encodings."""

import base64
import html
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, cast
from urllib.parse import unquote, unquote_plus

import msgspec

from gameplay.domain.question_rules import QuestionRow
from gameplay.store.file_text import UnreadableFileError
from gameplay.store.written_rows import NamedTwice, RowError, Rows, Written, read_json

LEVEL_OF_DIFFICULTY: Final = {"easy": "A2", "medium": "B1", "hard": "B2"}
"""What the Open Trivia DB's difficulties are taken for, unless a level is given."""
RESPONSE_CODES: Final = {
    1: "it has too few questions for what was asked",
    2: "it did not understand what was asked",
    3: "the session token is unknown",
    4: "the session token has been given every question",
    5: "asked too often; wait five seconds and ask again",
}

_EXPECTED: Final = '{"response_code": 0, "results": […]}'
_TYPES: Final = ("multiple", "boolean")
_PERCENT: Final = re.compile("%[0-9A-Fa-f]{2}")

Decoding = Callable[[str], str]


class TriviaResult(msgspec.Struct, frozen=True, kw_only=True):
    """One question of the Open Trivia DB, its texts encoded."""

    type: str
    difficulty: str
    category: str
    question: str
    correct_answer: str
    incorrect_answers: tuple[str, ...]

    def texts(self) -> tuple[str, ...]:
        """Return all that is encoded."""
        return (self.type, self.difficulty, self.category, self.question, self.correct_answer, *self.incorrect_answers)


def trivia_rows(text: str) -> Rows:
    """Yield the results, each under its number; raises UnreadableFileError for a document that is no success."""
    results = _results(text)
    return (_written(number, result) for number, result in enumerate(results, start=1))


def _results(text: str) -> Sequence[Any]:
    start = len(text) - len(text.lstrip())
    try:
        document, end = read_json(text, start)
    except ValueError as error:
        raise UnreadableFileError(f"not an Open Trivia DB file ({error}): expected {_EXPECTED}") from error
    if isinstance(document, list):
        raise UnreadableFileError(
            f"not an Open Trivia DB file but an array: expected {_EXPECTED};"
            " an array of questions of our own is read from a file that ends in .jsonl"
        )
    if isinstance(document, NamedTwice):
        raise UnreadableFileError(f"not an Open Trivia DB file: {document}")
    if text[end:].strip() or not isinstance(document, dict):
        raise UnreadableFileError(f"not an Open Trivia DB file: expected {_EXPECTED}")
    fields = cast(dict[str, Any], document)
    code, results = fields.get("response_code", 0), fields.get("results")
    if type(code) is not int or code:
        meaning = RESPONSE_CODES.get(code, "unknown") if type(code) is int else "unknown"
        raise UnreadableFileError(f"the Open Trivia DB gave no questions: response_code {code!r}, {meaning}")
    if not isinstance(results, list):
        raise UnreadableFileError(f"not an Open Trivia DB file: expected {_EXPECTED}")
    return cast(list[Any], results)


def _written(number: int, result: Any) -> Written:
    if isinstance(result, NamedTwice):
        return RowError(number, str(result))
    try:
        found = msgspec.convert(result, TriviaResult)
        decoding = _decoding_of(found)
        kind = decoding(found.type)
        row = _row(found, decoding)
    except ValueError as error:  # whatever a text is encoded in, it need not be what was said
        return RowError(number, f"not an Open Trivia DB result: {error}")
    if kind != "multiple":
        return RowError(number, f"type: {kind!r} has no four options; only 'multiple' can be imported")
    return number, row


def _decoding_of(result: TriviaResult) -> Decoding:
    """Return how a result's texts are decoded: entities unless its very texts speak for another encoding."""
    if result.type not in _TYPES and _is_base64_of_type(result.type):
        return _from_base64
    texts = result.texts()
    if any(" " in text for text in texts) or not any(_PERCENT.search(text) for text in texts):
        return html.unescape
    return _from_legacy_url if any("+" in text for text in texts) else _from_url


def _is_base64_of_type(text: str) -> bool:
    return text in {base64.b64encode(one.encode()).decode() for one in _TYPES}


def _from_base64(text: str) -> str:
    return base64.b64decode(text, validate=True).decode()


def _from_url(text: str) -> str:
    return unquote(text, errors="strict")


def _from_legacy_url(text: str) -> str:
    return html.unescape(unquote_plus(text, errors="strict"))


def _row(result: TriviaResult, decoding: Decoding) -> QuestionRow:
    def plain(text: str) -> str:
        # A soft hyphen says where a long word may be parted; here it would only make two texts differ.
        return decoding(text).replace("\u00ad", "").strip()

    answer = plain(result.correct_answer)
    return QuestionRow(
        level=LEVEL_OF_DIFFICULTY.get(decoding(result.difficulty), ""),
        category=plain(result.category),
        text=plain(result.question),
        options=tuple(sorted((answer, *map(plain, result.incorrect_answers)))),
        answer=answer,
    )
