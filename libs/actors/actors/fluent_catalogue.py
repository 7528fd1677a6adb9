"""Texts that people read: Fluent catalogues, a folder a language, compiled to Python functions when they are loaded."""

from collections.abc import Mapping
from datetime import date
from importlib import resources
from typing import Final, cast

from fluent_compiler.bundle import FluentBundle

LOCALES: Final[Mapping[str, str]] = {"de": "de-DE", "en": "en-GB"}
"""How numbers and dates are written in each language."""
Value = str | int | date


class CatalogueError(LookupError):
    """A text is missing or cannot be made from the values given."""


class Catalogue:
    """The texts of one language. Unknown keys and missing values raise CatalogueError: tests render every text."""

    def __init__(self, language: str, source: str) -> None:
        """Compile a language's Fluent source; raises CatalogueError when it does not parse."""
        self.language = language
        self._bundle = FluentBundle.from_string(LOCALES[language], source, use_isolating=False)
        self._fixed: dict[str, str] = {}
        """Texts without values, as they were made the first time."""
        problems = cast("list[tuple[str, Exception]]", self._bundle.check_messages())
        if problems:
            raise CatalogueError(f"{language}: {problems[0]}")

    def plain(self, key: str, **values: Value) -> str:
        """Return a text as it is, values and all, for places without markup."""
        return self.filled(key, values)

    def has(self, key: str) -> bool:
        """Whether the catalogue holds this text."""
        return self._bundle.has_message(key)

    def filled(self, key: str, values: Mapping[str, Value]) -> str:
        """Return a text with values in it."""
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


def source_of(package: str, language: str) -> str:
    """Return the Fluent source of a language: every .ftl file of `catalogue/<language>` in a package, by name."""
    files = resources.files(package).joinpath("catalogue", language).iterdir()
    parts = sorted((file for file in files if file.name.endswith(".ftl")), key=lambda file: file.name)
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)
