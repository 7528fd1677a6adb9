"""Where a buy button stood. Travels with the purchase and comes back on its events, so that the receipt leads back."""

from enum import StrEnum

import msgspec

from contracts.gameplay import Mode


class ButtonScreen(StrEnum):
    """The screen of a buy button."""

    SHOP = "shop"
    PREMIUM = "premium"
    ENERGY = "energy"
    """Out of energy."""
    LOCKED = "locked"
    """A locked mode was tapped; only in messages of before its screen led to the shop."""
    STREAK = "streak"
    REMINDER = "reminder"
    PROMO = "promo"
    """A code gave a discount."""
    REFUSED = "refused"
    """Another purchase was refused."""


class ButtonOrigin(msgspec.Struct, frozen=True):
    """A spot, and the mode whose game was interrupted there."""

    spot: ButtonScreen
    mode: Mode | None = None

    def encode(self) -> str:
        """Return the string that `parse_button_origin` reads: at most 32 bytes, without a colon."""
        return self.spot.value if self.mode is None else f"{self.spot.value}-{self.mode.value}"


def parse_button_origin(text: str) -> ButtonOrigin | None:
    """Return the place that a string names; None for anything that `encode` did not write."""
    spot, _, mode = text.partition("-")
    try:
        place = ButtonOrigin(ButtonScreen(spot), Mode(mode) if mode else None)
    except ValueError:
        return None
    return place if place.encode() == text else None
