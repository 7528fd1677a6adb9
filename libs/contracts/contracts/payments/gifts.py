"""Telegram Premium that the bot gives to somebody with its own Stars (DOMAIN §9): asked for, and what came of it.

Not to be taken for the game's own premium (`GrantPremium`).
"""

from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, ClassVar, Final
from uuid import UUID

import msgspec

from contracts.message import Answered, Command, Event, Query

STARS_OF_MONTHS: Final = MappingProxyType({3: 1_000, 6: 1_500, 12: 2_500})
"""What Telegram Premium costs as a gift, by its months (DOMAIN §9)."""
GIFTS_ASKED_MAX: Final = 500
"""So many gifts at most in one question."""


class GiftState(StrEnum):
    """How a gift stands."""

    ASKED = "ASKED"
    """Telegram is about to be asked."""
    UNSURE = "UNSURE"
    """Telegram was asked, and nobody knows what came of it: its list will show or deny it. It is not asked again."""
    GIVEN = "GIVEN"
    FAILED = "FAILED"
    """Telegram refused it, or its list denies it: nothing was paid."""


class GiveTelegramPremium(Command, frozen=True, kw_only=True):
    """Give somebody Telegram Premium, once for this `gift_id`, however often it is said.

    Answered by `TelegramPremiumGiven` or `TelegramPremiumNotGiven`, as soon as it is certain which.
    """

    subject: ClassVar[str] = "payments.money.{player_id}.give_telegram_premium"
    player_id: int
    """Who gets it."""
    gift_id: UUID
    """What it is given for, such as a payout."""
    months: int
    """3, 6 or 12."""


class TelegramPremiumGiven(Event, frozen=True, kw_only=True):
    """Telegram gave it, and took the Stars. The last word, also after `TelegramPremiumNotGiven`."""

    subject: ClassVar[str] = "payments.evt.{player_id}.telegram_premium_given"
    player_id: int
    gift_id: UUID
    months: int
    stars: int
    at: datetime


class TelegramPremiumNotGiven(Event, frozen=True, kw_only=True):
    """It was not given, and no Stars were paid."""

    subject: ClassVar[str] = "payments.evt.{player_id}.telegram_premium_not_given"
    player_id: int
    gift_id: UUID
    months: int
    reason: str
    """Telegram's words, or that its list has no such gift."""
    at: datetime


class GiftView(msgspec.Struct, frozen=True, kw_only=True):
    """A gift as it stands."""

    gift_id: UUID
    player_id: int
    months: int
    stars: int
    state: GiftState
    asked_at: datetime
    settled_at: datetime | None = None
    row_id: str | None = None
    """Its row in Telegram's list; None: not seen there yet."""
    reason: str = ""


class GiftsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Those of the gifts asked for that were ever asked of payments."""

    gifts: tuple[GiftView, ...]


class GiftsQuery(Query[GiftsAnswer], frozen=True, kw_only=True):
    """Ask how gifts stand: word of them can be lost."""

    subject: ClassVar[str] = "query.payments.telegram_gifts"
    gift_ids: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=GIFTS_ASKED_MAX)]


class GiftAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a person's word was taken, why not, and how the gift stands."""

    settled: bool
    reason: str = ""
    gift: GiftView | None = None


class SettleGift(Answered[GiftAnswer], frozen=True, kw_only=True):
    """A person has looked in Telegram what became of a gift that is UNSURE."""

    subject: ClassVar[str] = "payments.money.{gift_id}.settle_gift"
    gift_id: UUID
    given: bool
    note: str
