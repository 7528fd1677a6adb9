"""What buyers read: a catalogue a language, chosen by the browser's Accept-Language."""

from functools import cache
from typing import Final, Literal, TypeAlias

from actors.fluent_catalogue import Catalogue, source_of
from contracts.payments import Currency, Product

Language: TypeAlias = Literal["de", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("de", "en")
"""The first one is spoken to whoever asks for none of them."""
_ASKED_MAX: Final = 500


class Voice(Catalogue):
    """The catalogue of one language. The pages escape what it says."""

    def __init__(self, language: Language) -> None:
        """Load the catalogue of a language."""
        super().__init__(language, source_of("payments.web", language))
        self.language: Language = language

    def price(self, amount: int, currency: Currency) -> str:
        """Return minor units as people of this language write them."""
        whole, cents = divmod(amount, 100)
        return self.plain(f"money-{currency}", whole=str(whole), cents=f"{cents:02d}")

    def product(self, product: Product) -> str:
        """Return what a buyer calls the product."""
        return self.plain(f"product-{product}")


@cache
def voice(language: Language) -> Voice:
    """Return the voice of a language (loaded once a process)."""
    return Voice(language)


def language_of(accepted: str) -> Language:
    """Return the language that an Accept-Language header likes best."""
    best: tuple[float, Language] = (0.0, LANGUAGES[0])
    for part in accepted[:_ASKED_MAX].split(","):
        name, _, quality = part.strip().partition(";q=")
        for language in LANGUAGES:
            if name.partition("-")[0].lower() == language and _number(quality) > best[0]:
                best = (_number(quality), language)
    return best[1]


def currency_of(accepted: str) -> Currency:
    """Return the currency to begin with: pounds and dollars where the browser speaks British or American first."""
    first = accepted[:_ASKED_MAX].split(",", maxsplit=1)[0].partition(";")[0].strip().lower()
    return {"en-gb": Currency.GBP, "en-us": Currency.USD}.get(first, Currency.EUR)


def _number(quality: str) -> float:
    try:
        return float(quality or "1")
    except ValueError:
        return 0.0
