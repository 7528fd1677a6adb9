"""What is told again to a service that comes late, page by page."""

from typing import Final

import msgspec

from actors.queries import load
from contracts.payments import PremiumTerm

SQL: Final = load("payments.store", "restating.sql")

_terms: Final = msgspec.json.Decoder(tuple[PremiumTerm, ...])


def terms_of(text: str) -> tuple[PremiumTerm, ...]:
    """Return the terms in a customer's row."""
    return _terms.decode(text)
