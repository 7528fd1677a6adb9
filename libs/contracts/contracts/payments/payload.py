"""The invoice payload: how a purchase is named to a payment provider (DOMAIN conventions: 1–128 bytes)."""

from uuid import UUID

_PREFIX = "sq1:"


def payload_of(purchase_id: UUID) -> str:
    """Return the 36 bytes that name a purchase on its invoice."""
    return _PREFIX + purchase_id.hex


def purchase_of(payload: str) -> UUID | None:
    """Return the purchase that a payload names; None for anything that `payload_of` did not write."""
    digits = payload.removeprefix(_PREFIX)
    if len(digits) != 32 or len(payload) != len(_PREFIX) + 32:
        return None
    try:
        purchase_id = UUID(hex=digits)
    except ValueError:
        return None
    return purchase_id if payload_of(purchase_id) == payload else None
