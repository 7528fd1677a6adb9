"""The stand-in for the central bank's daily reference rates."""

from xml.etree import ElementTree as ET

import pytest
from telegram_stage import RefusedError, Stage

CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"


async def document(stage: Stage) -> tuple[int, bytes]:
    async with stage.http.get("/rates/eurofxref-daily.xml") as answer:
        return answer.status, await answer.read()


async def rates(stage: Stage) -> tuple[str | None, dict[str | None, str | None]]:
    status, body = await document(stage)
    assert status == 200
    cubes = list(ET.fromstring(body).iter(CUBE))
    day = next(one.get("time") for one in cubes if one.get("time"))
    return day, {one.get("currency"): one.get("rate") for one in cubes if one.get("currency")}


async def test_rates_of_today(stage: Stage) -> None:
    day, found = await rates(stage)
    assert day == "2027-01-15"
    assert {"USD", "GBP"} <= found.keys()
    stage.clock.advance(86_400)
    assert (await rates(stage))[0] == "2027-01-16"


async def test_rates_set_by_script(stage: Stage) -> None:
    told = await stage.api("POST", "rates", {"rates": {"USD": "1.1", "GBP": None}, "day": "2026-12-01"})
    assert (told["day"], told["rates"]["USD"], "GBP" in told["rates"]) == ("2026-12-01", "1.1", False)
    day, found = await rates(stage)
    assert (day, found["USD"], "GBP" in found) == ("2026-12-01", "1.1", False)
    assert (await stage.api("DELETE", "rates"))["day"] == "2027-01-15"
    assert "GBP" in (await rates(stage))[1]


async def test_down_broken_and_huge(stage: Stage) -> None:
    await stage.api("POST", "rates", {"mode": "down"})
    assert (await document(stage))[0] == 503
    await stage.api("POST", "rates", {"mode": "broken"})
    with pytest.raises(ET.ParseError):
        await rates(stage)
    await stage.api("POST", "rates", {"mode": "huge"})
    assert len((await document(stage))[1]) > 1024 * 1024


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rates": {"USD": 1.1}}, "rates.USD"),
        ({"rates": {"usd": "1.1"}}, "rates.usd"),
        ({"rates": {"USD": "-1"}}, "rates.USD"),
        ({"day": "1.12.2026"}, "day"),
        ({"mode": "late"}, "mode"),
    ],
)
async def test_wrong_rates_change_nothing(stage: Stage, body: dict[str, object], field: str) -> None:
    before = await stage.api("GET", "rates")
    with pytest.raises(RefusedError) as refused:
        await stage.api("POST", "rates", {"rates": {"PLN": "5"}, **body})
    assert refused.value.body["field"] == field
    assert await stage.api("GET", "rates") == before
