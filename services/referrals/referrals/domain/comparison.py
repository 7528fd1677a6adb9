"""Comparing gifts with payments' books: a word to payments may be lost with its stream (DOMAIN §6, §9)."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

GIFTS: Final = "gifts"
IN_FLIGHT: Final = timedelta(minutes=5)
"""What changed later may be on its way to payments."""
OVERLAP: Final = timedelta(minutes=15)
"""What a comparison looks at begins so long before the last one did: some of that was being written then."""


class Comparison(msgspec.Struct):
    """How far gifts have been compared."""

    name: str
    until: datetime | None = None
    """What changed before then was looked at; None: nothing was yet."""
