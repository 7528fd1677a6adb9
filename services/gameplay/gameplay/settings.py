"""Gameplay's settings, read from the environment once (see `actors.settings` for those every service has)."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from actors.settings import Settings


class GameplaySettings(Settings):
    """What the running service needs."""

    bank_poll_seconds: float = Field(default=30.0, gt=0, le=3600, description="how often the bank's version is read")


class ImportSettings(BaseSettings):
    """What `import` reads from the environment; it needs no NATS."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    postgres_dsn: SecretStr = Field(description="as the service's own role, whose search_path is its schema")
