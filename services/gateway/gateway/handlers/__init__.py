"""What the gateway does when it hears something. Importing this fills the table."""

from gateway.handlers import (
    from_affiliates,
    from_gameplay,
    from_payments,
    from_promo,
    from_referrals,
    invoices,
    jobs,
    looking,
    payments,
    performing,
    rooms,
    updates,
)
from gateway.handlers.table import actor

__all__ = [
    "actor",
    "from_affiliates",
    "from_gameplay",
    "from_payments",
    "from_promo",
    "from_referrals",
    "invoices",
    "jobs",
    "looking",
    "payments",
    "performing",
    "rooms",
    "updates",
]
