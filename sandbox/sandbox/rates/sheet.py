"""The sheet of rates, and the XML document it is published as."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sandbox.clock import Clock

DEFAULT_RATES = {"USD": "1.0825", "JPY": "163.42", "GBP": "0.8437", "CHF": "0.9571", "PLN": "4.2870"}
MODES = ("ok", "down", "broken", "huge", "slow")
HUGE_BYTES = 8 * 1024 * 1024
RATE = re.compile(r"\d{1,9}(?:\.\d{1,9})?", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
    'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">\n'
    "\t<gesmes:subject>Reference rates</gesmes:subject>\n"
    "\t<gesmes:Sender>\n\t\t<gesmes:name>European Central Bank</gesmes:name>\n\t</gesmes:Sender>\n"
)


@dataclass(slots=True)
class Sheet:
    """Units of a currency per euro, as text; `day` None means always today (UTC)."""

    clock: Clock
    rates: dict[str, str] = field(default_factory=lambda: dict(DEFAULT_RATES))
    day: date | None = None
    mode: str = "ok"

    def shown_day(self) -> date:
        """The day the rates are of."""
        return self.day or datetime.fromtimestamp(self.clock.now(), UTC).date()

    def reset(self) -> None:
        """Everything as at the start."""
        self.rates, self.day, self.mode = dict(DEFAULT_RATES), None, "ok"

    def document(self) -> bytes:
        """The published document, cut off or blown up when the mode says so."""
        lines = "".join(f"\t\t\t<Cube currency='{name}' rate='{rate}'/>\n" for name, rate in self.rates.items())
        cube = f"\t<Cube>\n\t\t<Cube time='{self.shown_day()}'>\n{lines}\t\t</Cube>\n\t</Cube>\n</gesmes:Envelope>"
        whole = (_HEAD + cube).encode()
        if self.mode == "broken":
            return whole[: len(whole) // 2]
        if self.mode == "huge":
            return whole + b"<!--" + b"x" * HUGE_BYTES + b"-->"
        return whole
