"""How far jobs have looked for words that were lost with their stream, to others and to referrals (DOMAIN §6, §9)."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

GIFTS: Final = "gifts"
REFERRALS: Final = "referrals"
IN_FLIGHT: Final = timedelta(minutes=5)
"""What follows of a later change may be on its way."""
OVERLAP: Final = timedelta(minutes=15)
"""What a look begins with is so much older than the end of the last one: some of that was being written then."""


class Comparison(msgspec.Struct):
    """How far one kind of thing has been looked at."""

    name: str
    until: datetime | None = None
    """What changed before then was looked at; None: nothing was yet."""
