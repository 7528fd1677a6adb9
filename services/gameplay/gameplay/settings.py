"""Gameplay's settings, read from the environment once (see `actors.settings` for those every service has)."""

from pydantic import Field, SecretStr

from actors.settings import EnvironmentSettings, Settings


class GameplaySettings(Settings):
    """What the running service needs."""

    bank_poll_seconds: float = Field(default=30.0, gt=0, le=3600, description="how often the bank's version is read")


class ImportSettings(EnvironmentSettings):
    """What `import` reads from the environment; it needs no NATS."""

    postgres_dsn: SecretStr = Field(description="as the service's own role, whose search_path is its schema")
