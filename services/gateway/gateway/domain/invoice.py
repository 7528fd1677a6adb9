"""Where an invoice stands in its player's chat."""

from datetime import datetime
from uuid import UUID

import msgspec


class Invoice(msgspec.Struct, kw_only=True):
    """The newest message that carries a purchase's invoice."""

    purchase_id: UUID
    message_id: int = 0
    """0 while none was delivered."""
    sent_at: datetime | None = None
    thread_id: int = 0
    """The topic of the chat that it stands in; 0 for none."""
