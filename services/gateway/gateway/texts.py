"""Player texts: Fluent catalogues, a folder a language, compiled to Python functions when the process starts."""

import html
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import cast

from fluent_compiler.bundle import FluentBundle

from gateway.domain.chat import LANGUAGES

LOCALES: Mapping[str, str] = {"de": "de-DE", "en": "en-GB"}
Value = str | int | date


class CatalogueError(LookupError):
    """A text is missing or cannot be made from the values given."""


class Voice:
    """The catalogue of one language. Unknown keys and missing values raise CatalogueError: tests render every text."""

    def __init__(self, language: str, bundle: FluentBundle) -> None:
        """Speak `language` from a compiled bundle."""
        self.language = language
        self._bundle = bundle
        self._fixed: dict[str, str] = {}
        """Texts without values, as they were made the first time."""

    def html(self, key: str, **values: Value) -> str:
        """Return a text as Telegram HTML; every value is escaped."""
        return self._say(key, {name: _escaped(value) for name, value in values.items()})

    def plain(self, key: str, **values: Value) -> str:
        """Return a text for places without markup: buttons, toasts, command descriptions."""
        return self._say(key, values)

    def has(self, key: str) -> bool:
        """Whether the catalogue holds this text."""
        return self._bundle.has_message(key)

    def _say(self, key: str, values: Mapping[str, Value]) -> str:
        if values:
            return self._made(key, values)
        if (text := self._fixed.get(key)) is None:
            text = self._fixed[key] = self._made(key, values)
        return text

    def _made(self, key: str, values: Mapping[str, Value]) -> str:
        if not self._bundle.has_message(key):
            raise CatalogueError(f"{self.language} has no text {key!r}")
        text, errors = cast("tuple[str, list[Exception]]", self._bundle.format(key, values))
        if errors:
            raise CatalogueError(f"{self.language}, {key}: {errors[0]}")
        return text


def _escaped(value: Value) -> Value:
    return html.escape(value, quote=False) if isinstance(value, str) else value


class Texts:
    """The catalogues of all languages, read once."""

    def __init__(self, voices: Mapping[str, Voice]) -> None:
        """Hold a voice a language."""
        self._voices = dict(voices)

    def voice(self, language: str) -> Voice:
        """Return the voice of a language; German when nobody knows it yet."""
        return self._voices.get(language) or self._voices[LANGUAGES[0]]


def catalogue(language: str) -> str:
    """Return the Fluent source of a language: every file in its folder, by name."""
    files = resources.files("gateway").joinpath("catalogue", language).iterdir()
    parts = sorted((file for file in files if file.name.endswith(".ftl")), key=lambda file: file.name)
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


@cache
def load_texts() -> Texts:
    """Compile all catalogues (once a process); raises CatalogueError for one that does not parse."""
    return Texts({language: Voice(language, _compiled(language)) for language in LANGUAGES})


def _compiled(language: str) -> FluentBundle:
    bundle = FluentBundle.from_string(LOCALES[language], catalogue(language), use_isolating=False)
    problems = cast("list[tuple[str, Exception]]", bundle.check_messages())
    if problems:
        raise CatalogueError(f"{language}: {problems[0]}")
    return bundle
