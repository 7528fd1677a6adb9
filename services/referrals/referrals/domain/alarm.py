"""Whether too much is rejected for fraud within 24 hours (DOMAIN §9)."""

from datetime import datetime, timedelta
from typing import ClassVar, Final

import msgspec

from contracts.message import Command

JUDGED: Final = timedelta(hours=24)
ALARM: Final = "referrals"
"""The name of the one alarm there is."""
_STARTS_MIN: Final = 20
_RATE_MAX: Final = 0.25
_REJECTED_MAX: Final = 10
_FOR_ONE_MIN: Final = 3


class Alarm(msgspec.Struct):
    """Whether it goes on."""

    name: str
    since: datetime | None = None
    """None: all is calm."""


class JudgeFraud(Command, frozen=True, kw_only=True):
    """What the 15-minute look found, over 24 hours."""

    subject: ClassVar[str] = "referrals.cmd.{name}.judge_fraud"
    name: str
    starts: int
    rejected: int
    rejected_for_one: int
    referrer_id: int | None = None

    @property
    def is_spike(self) -> bool:
        """Whether that is too much: a quarter of 20 starts or more, more than ten, or three for one referrer."""
        is_rate = self.starts >= _STARTS_MIN and self.rejected > _RATE_MAX * self.starts
        return is_rate or self.rejected > _REJECTED_MAX or self.rejected_for_one >= _FOR_ONE_MIN
