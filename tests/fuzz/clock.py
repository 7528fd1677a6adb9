"""The one instant at which everything here happens."""

from datetime import UTC, datetime

NOW = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)
