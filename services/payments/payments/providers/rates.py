"""The daily reference rates, in the form the European Central Bank publishes them (DOMAIN §5).

The document comes from outside: it is read up to a size, without any document type, hence without entities.
"""

import re
from datetime import date
from fractions import Fraction
from typing import Final, NoReturn
from xml.parsers import expat

import aiohttp
import msgspec

from payments.providers import ProviderError, ProviderUnavailableError

BYTES_MAX: Final = 256 * 1024
TIMEOUT_SECONDS: Final = 10.0
_RATE: Final = re.compile(r"\d{1,12}(?:\.\d{1,12})?", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)


class RatesError(ProviderError):
    """The source answered with something that is no sheet of rates."""


class DayRates(msgspec.Struct, frozen=True):
    """The rates of one day."""

    day: date
    per_euro: dict[str, Fraction]
    """Units of a currency for one euro, exactly as published."""


async def fetch_rates(session: aiohttp.ClientSession, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> DayRates:
    """Fetch and read the document.

    Raises ProviderUnavailableError when the source is down or slow, RatesError when what it sent cannot be used.
    """
    timeout = aiohttp.ClientTimeout(total=timeout_seconds)
    try:
        async with session.get(url, timeout=timeout) as response:
            if response.status >= 500 or response.status == 429:
                raise ProviderUnavailableError(f"the rates' source answered HTTP {response.status}")
            if response.status != 200:
                raise RatesError(f"the rates' source answered HTTP {response.status}")
            document = await _read(response)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ProviderUnavailableError(f"the rates' source is out of reach: {type(error).__name__}") from error
    return parse_rates(document)


def parse_rates(document: bytes) -> DayRates:
    """Read a document of one day. Raises RatesError that says what is wrong with it."""
    sheet = _Sheet()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = sheet.refuse_doctype
    parser.StartElementHandler = sheet.start
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise RatesError(f"not well-formed XML: {error}") from error
    if sheet.day is None:
        raise RatesError("there is no day in it, as <Cube time='2026-11-20'>")
    if not sheet.per_euro:
        raise RatesError(f"there is no rate in it for {sheet.day}")
    return DayRates(sheet.day, sheet.per_euro)


class _Sheet:
    """What was read so far."""

    def __init__(self) -> None:
        self.day: date | None = None
        self.per_euro: dict[str, Fraction] = {}

    def refuse_doctype(self, *_about: object) -> NoReturn:
        """Entities are declared in a document type; rates need neither."""
        raise RatesError("it has a document type, which rates have no need of")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Take the day or the rate out of a Cube."""
        if name != "Cube":
            return
        if "time" in attributes:
            self._set_day(attributes["time"])
        if "currency" in attributes:
            self._set_rate(attributes["currency"], attributes.get("rate", ""))

    def _set_day(self, text: str) -> None:
        if self.day is not None:
            raise RatesError("it has more than one day")
        try:
            self.day = date.fromisoformat(text)
        except ValueError as error:
            raise RatesError(f"not a day: {text[:40]!r}") from error

    def _set_rate(self, currency: str, text: str) -> None:
        if not _CURRENCY.fullmatch(currency) or currency in self.per_euro:
            raise RatesError(f"not a currency, or twice the same: {currency[:40]!r}")
        rate = Fraction(text) if _RATE.fullmatch(text) else Fraction(0)
        if rate == 0:
            raise RatesError(f"not a rate for {currency}: {text[:40]!r}")
        self.per_euro[currency] = rate


async def _read(response: aiohttp.ClientResponse) -> bytes:
    document = bytearray()
    async for piece in response.content.iter_chunked(64 * 1024):
        document += piece
        if len(document) > BYTES_MAX:
            raise RatesError(f"larger than {BYTES_MAX // 1024} KiB, which no sheet of rates is")
    return bytes(document)
