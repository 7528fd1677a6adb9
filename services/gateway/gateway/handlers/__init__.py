"""What the gateway does when it hears something. Importing this fills the table."""

from gateway.handlers import events, housekeeping, payments, performing, updates
from gateway.handlers.table import actor

__all__ = ["actor", "events", "housekeeping", "payments", "performing", "updates"]
