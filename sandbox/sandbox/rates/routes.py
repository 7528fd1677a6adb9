"""Serves the rates, and lets scripts change them."""

import asyncio
from datetime import date
from typing import Any

from aiohttp import web

from sandbox.clock import Clock
from sandbox.json_api.fields import FieldError, Fields, answer, body_object
from sandbox.rates.sheet import CURRENCY, MODES, RATE, Sheet
from sandbox.shapes import as_object

SLOW_SECONDS = 30.0
PATH = "/sandbox/api/rates"


class RatesApp:
    """Handlers of /rates/eurofxref-daily.xml and /sandbox/api/rates."""

    def __init__(self, clock: Clock) -> None:
        self.sheet = Sheet(clock)

    def routes(self) -> list[web.RouteDef]:
        """What is served."""
        return [
            web.get("/rates/eurofxref-daily.xml", self.document),
            web.get(PATH, self.show),
            web.post(PATH, self.change),
            web.delete(PATH, self.reset),
        ]

    async def document(self, _request: web.Request) -> web.Response:
        """The daily document; 503 while the bank is down."""
        if self.sheet.mode == "down":
            return web.Response(status=503, text="Service Unavailable")
        if self.sheet.mode == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        return web.Response(body=self.sheet.document(), content_type="text/xml")

    async def show(self, _request: web.Request) -> web.Response:
        """→ {rates, day, mode}."""
        return self._view()

    async def change(self, request: web.Request) -> web.Response:
        """{rates?, day?, mode?}: change what is given; a rate of null takes the currency off the sheet."""
        body = await body_object(request)
        fields = Fields(body, frozenset({"rates", "day", "mode"}))
        rates, day = _rates(body.get("rates", {})), _day(fields.text("day", 10, None))
        self.sheet.mode = fields.choice("mode", MODES, self.sheet.mode)
        self.sheet.day = day or self.sheet.day
        merged = {**self.sheet.rates, **rates}
        self.sheet.rates = {currency: rate for currency, rate in merged.items() if rate is not None}
        return self._view()

    async def reset(self, _request: web.Request) -> web.Response:
        """Everything as at the start."""
        self.sheet.reset()
        return self._view()

    def _view(self) -> web.Response:
        sheet = self.sheet
        return answer({"rates": sheet.rates, "day": sheet.shown_day().isoformat(), "mode": sheet.mode})


def _rates(value: Any) -> dict[str, str | None]:
    given = as_object(value)
    remedy = 'send units per euro as text, as {"USD": "1.0823"}; null takes one away'
    if given is None:
        raise FieldError("rates", "not an object", remedy)
    for currency, rate in given.items():
        if not CURRENCY.fullmatch(currency) or not _is_rate(rate):
            raise FieldError(f"rates.{currency}", f"not such a rate: {rate!r}", remedy)
    return given


def _is_rate(value: Any) -> bool:
    return value is None or (isinstance(value, str) and RATE.fullmatch(value) is not None)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise FieldError("day", f"not a day: {text!r}", 'send it as "2026-11-20"') from None
