"""Reference rates (DOMAIN §5): fetched once a day by an hourly job; while the source is down the last ones are kept."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import aiohttp
import pytest

from payments.providers import ProviderUnavailableError
from payments.providers.rates import RatesError, fetch_rates, parse_rates
from sandbox.app import Server, assemble
from sandbox.settings import Settings


@dataclass
class Bank:
    session: aiohttp.ClientSession
    base: str

    @property
    def url(self) -> str:
        return f"{self.base}/rates/eurofxref-daily.xml"

    async def say(self, **body: Any) -> None:
        async with self.session.post(f"{self.base}/sandbox/api/rates", json=body) as answer:
            assert answer.status == 200


@pytest.fixture
async def bank() -> AsyncIterator[Bank]:
    server = Server(assemble(Settings(start_players=0)))
    await server.start()
    async with aiohttp.ClientSession() as session:
        yield Bank(session, f"http://127.0.0.1:{server.port}")
    await server.stop()


async def test_rates_come_exactly(bank: Bank) -> None:
    await bank.say(rates={"USD": "1.0823", "GBP": "0.8412"}, day="2026-11-20")
    found = await fetch_rates(bank.session, bank.url)
    assert found.day == date(2026, 11, 20)
    assert (found.per_euro["USD"], found.per_euro["GBP"]) == (Fraction(10823, 10000), Fraction(8412, 10000))


async def test_a_source_that_is_down_or_slow(bank: Bank) -> None:
    await bank.say(mode="down")
    with pytest.raises(ProviderUnavailableError, match="503"):
        await fetch_rates(bank.session, bank.url)
    await bank.say(mode="slow")
    with pytest.raises(ProviderUnavailableError, match="TimeoutError"):
        await fetch_rates(bank.session, bank.url, timeout_seconds=0.05)
    with pytest.raises(ProviderUnavailableError):
        await fetch_rates(bank.session, "http://127.0.0.1:9/rates.xml")


async def test_a_source_that_sends_something_else(bank: Bank) -> None:
    await bank.say(mode="broken")
    with pytest.raises(RatesError, match="well-formed"):
        await fetch_rates(bank.session, bank.url)
    await bank.say(mode="huge")
    with pytest.raises(RatesError, match="256 KiB"):
        await fetch_rates(bank.session, bank.url)
    with pytest.raises(RatesError, match="404"):
        await fetch_rates(bank.session, f"{bank.base}/rates/nothing.xml")


def sheet(inside: str, head: str = "") -> bytes:
    return f"<?xml version='1.0'?>{head}<E xmlns='urn:x'><Cube>{inside}</Cube></E>".encode()


DAY, USD = "<Cube time='2026-11-20'/>", "<Cube currency='USD' rate='1.08'/>"
ENTITIES = "<!DOCTYPE E [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;'>]>"
OUTSIDE = "<!DOCTYPE E [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"


def test_a_small_document() -> None:
    found = parse_rates(sheet(DAY + USD))
    assert (found.day, found.per_euro) == (date(2026, 11, 20), {"USD": Fraction(27, 25)})


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (sheet(DAY + USD, ENTITIES), "document type"),
        (sheet(DAY + USD, OUTSIDE), "document type"),
        (sheet(USD), "no day"),
        (sheet(DAY), "no rate"),
        (sheet(DAY + DAY + USD), "more than one day"),
        (sheet("<Cube time='20.11.2026'/>" + USD), "not a day"),
        (sheet(DAY + USD + USD), "twice"),
        (sheet(DAY + "<Cube currency='usd' rate='1'/>"), "not a currency"),
        *(
            (sheet(f"{DAY}<Cube currency='USD' rate='{rate}'/>"), "not a rate")
            for rate in ("0", "-1", "1e5", "1/3", "", "N/A")
        ),
        (b"", "well-formed"),
        (b"<html>Sorry</html", "well-formed"),
    ],
)
def test_what_cannot_be_used_is_named(document: bytes, said: str) -> None:
    with pytest.raises(RatesError, match=said):
        parse_rates(document)
