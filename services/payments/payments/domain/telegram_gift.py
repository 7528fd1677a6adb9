"""Telegram Premium that we give with our Stars (DOMAIN §9): asked for once, and known for certain in the end."""

from datetime import datetime, timedelta
from typing import ClassVar, Final
from uuid import UUID

import msgspec

from contracts.message import Command
from contracts.payments import GiftState, GiftView

CLOCKS_APART: Final = timedelta(minutes=2)
"""A row of Telegram's list may be so much older by its own date than our call."""


class RecordGift(Command, frozen=True, kw_only=True):
    """What is known of a gift now: by the call's answer, or by Telegram's list."""

    subject: ClassVar[str] = "payments.money.{gift_id}.record_gift"
    gift_id: UUID
    state: GiftState
    """`UNSURE`, `GIVEN` or `FAILED`."""
    reason: str = ""
    row_id: str | None = None
    """Of Telegram's list, where it is what tells."""


class TelegramGift(msgspec.Struct, kw_only=True):
    """One gift, by what it is given for."""

    gift_id: UUID
    player_id: int
    months: int
    stars: int
    state: GiftState
    asked_at: datetime
    settled_at: datetime | None = None
    row_id: str | None = None
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether nobody knows yet what comes of it."""
        return self.state in (GiftState.ASKED, GiftState.UNSURE)

    def learn(self, state: GiftState, reason: str, row_id: str | None, now: datetime) -> bool:
        """Take what is said of it; True when it is settled by that, or settled otherwise than it was.

        What was given stays given. What failed stays so, unless Telegram's list shows it after all.
        """
        if row_id is not None and self.row_id is None:
            self.row_id = row_id
        if self.state is GiftState.GIVEN or (self.state is GiftState.FAILED and row_id is None):
            return False
        self.state, self.reason = state, reason
        if state is GiftState.UNSURE:
            return False
        self.settled_at = now
        return True

    def view(self) -> GiftView:
        """Return it as others see it."""
        return GiftView(**msgspec.structs.asdict(self))
