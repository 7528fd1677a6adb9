"""Player texts: the catalogue of each language, as Telegram's HTML or plain."""

import html
from collections.abc import Mapping
from functools import cache

from actors.fluent_catalogue import Catalogue, Value, source_of
from gateway.domain.chat import LANGUAGES


class Voice(Catalogue):
    """The catalogue of one language."""

    def html(self, key: str, **values: Value) -> str:
        """Return a text as Telegram HTML; every value is escaped."""
        return self.filled(key, {name: _escaped(value) for name, value in values.items()})


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
    """Return the Fluent source of a language."""
    return source_of("gateway", language)


@cache
def load_texts() -> Texts:
    """Compile all catalogues (once a process); raises CatalogueError for one that does not parse."""
    return Texts({language: Voice(language, catalogue(language)) for language in LANGUAGES})
