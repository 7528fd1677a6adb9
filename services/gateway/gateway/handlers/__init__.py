"""What the gateway does when it hears something. Importing this fills the table."""

from gateway.handlers import buying, events, housekeeping, payments, performing, rooms, updates
from gateway.handlers.table import actor

__all__ = ["actor", "buying", "events", "housekeeping", "payments", "performing", "rooms", "updates"]
