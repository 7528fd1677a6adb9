"""Stars to the billionth: the affiliate programme, and rows of the bot's list that no payment made."""

from dataclasses import dataclass
from typing import Any

NANOS = 1_000_000_000
"""Nanostars in a Star."""


def star_amount(nanos: int) -> dict[str, int]:
    """StarAmount: both parts have one sign, and a fraction that is none is not told."""
    whole, rest = divmod(abs(nanos), NANOS)
    sign = -1 if nanos < 0 else 1
    return {"amount": sign * whole} | ({"nanostar_amount": sign * rest} if rest else {})


@dataclass(slots=True, frozen=True)
class Programme:
    """The bot's own affiliate programme, as its owner switches it on: every payment brings its affiliate a part.

    Which amount Telegram's list gives is documented nowhere: with `gross` that with the commission in it.
    """

    per_mille: int = 0
    gross: bool = False

    def commission(self, price: int) -> "Commission | None":
        """What an affiliate gets of so many Stars; None while the programme is off."""
        if not self.per_mille:
            return None
        return Commission(self.per_mille, price * NANOS * self.per_mille // 1000, self.gross)

    def view(self) -> dict[str, Any]:
        """The programme as the JSON API shows it."""
        return {"per_mille": self.per_mille, "gross": self.gross}


@dataclass(slots=True, frozen=True)
class Commission:
    """What an affiliate got of one payment; a refund takes it back."""

    per_mille: int
    nanos: int
    gross: bool

    def listed(self, price: int) -> int:
        """The amount of the payment's row, in nanostars."""
        return price * NANOS - (0 if self.gross else self.nanos)

    def telegram(self, *, refunded: bool) -> dict[str, Any]:
        """AffiliateInfo; below 0 in a refund."""
        return {"commission_per_mille": self.per_mille, **star_amount(-self.nanos if refunded else self.nanos)}


@dataclass(slots=True, frozen=True)
class Movement:
    """A line of the bot's list about anything but a payment: a gift, a fee, a withdrawal, or what nobody knows yet."""

    id: str
    at: float
    nanos: int
    """Above 0 what came in, below 0 what went out."""
    partner: dict[str, Any]

    def telegram(self) -> dict[str, Any]:
        """StarTransaction."""
        side = "source" if self.nanos > 0 else "receiver"
        return {"id": self.id, "date": int(self.at), side: self.partner} | star_amount(abs(self.nanos))
