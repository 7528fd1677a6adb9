"""What one operator alone may not do with money (DOMAIN §13)."""

from typing import Final

from contracts.payments import Currency

STARS_MAX: Final = 500
"""A refund of more waits for a second operator."""
MINOR_UNITS_MAX: Final = 1_000
"""The same in any other currency, in minor units: about what so many Stars cost."""


def why_refund_waits(amount: int, currency: str) -> str:
    """Return why a refund needs a second operator; empty when it does not."""
    limit = STARS_MAX if currency == Currency.XTR else MINOR_UNITS_MAX
    return f"a refund of {amount} {currency}; over {limit} it needs a second operator" if amount > limit else ""


def why_price_waits(before: int | None, after: int) -> str:
    """Return why a change of a price needs a second operator: it is over 50 %; a first price changes none."""
    if before is None or abs(after - before) * 2 <= before:
        return ""
    return f"from {before} to {after} is a change over 50 %; it needs a second operator"
