"""Promo's settings: what every service has; and what the batch tool needs, which alone makes codes."""

from pydantic import Field, SecretStr

from actors.settings import EnvironmentSettings, Settings


class PromoSettings(Settings):
    """Environment variables have the names of the fields, in capitals."""


class CodeSettings(EnvironmentSettings):
    """What `codes make` and `codes import` need."""

    postgres_dsn: SecretStr = Field(description="as the service's own role")
    promo_secret_peppers: SecretStr = Field(
        description="as the gateway has them: separated by commas, the newest first; it writes, all are tried"
    )
