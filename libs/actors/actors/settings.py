"""Settings every service process has, read from the environment once and handed down."""

import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(ValueError):
    """Settings are missing or wrong: each is named with what it is for, none is quoted, for many are secrets."""


class EnvironmentSettings(BaseSettings):
    """What is read from the environment: variables have the names of the fields, in capitals. Raises SettingsError."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    if not TYPE_CHECKING:  # to a type checker the fields are the parameters

        def __init__(self, **given: Any) -> None:
            try:
                super().__init__(**given)
            except ValidationError as error:
                # Without its cause, which quotes all that was given.
                raise SettingsError("\n".join(_flaws(type(self), error))) from None


def _flaws(kind: type[BaseSettings], error: ValidationError) -> Iterator[str]:
    """Yield a line for each setting at fault."""
    for flaw in error.errors(include_input=False, include_url=False):
        said = flaw["msg"].removeprefix("Value error, ")
        if not flaw["loc"]:  # several together, which it names
            yield said
            continue
        field = str(flaw["loc"][0])
        if flaw["type"] == "missing":
            yield f"{field.upper()} is not set ({kind.model_fields[field].description or 'there is no default'})"
        else:
            yield f"{field.upper()}: {said}"


class Settings(EnvironmentSettings):
    """What every service process has."""

    nats_url: str = Field(description="nats://host:port, several separated by commas")
    nats_nkey_seed: SecretStr = Field(default=SecretStr(""), description="this service's nkey; empty: no login")
    postgres_dsn: SecretStr = Field(description="as the service's own role, whose search_path is its schema")
    http_host: str = Field(default="127.0.0.1", description="where /healthz, /readyz and /metrics listen")
    http_port: int = Field(default=0, ge=0, le=65535, description="0: a free port, logged as http_listening")
    log_level: str = "info"
    replica: str = Field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    pool_size_max: int = Field(default=6, ge=2, le=50, description="Postgres connections of this process")
    batch_max: int = Field(default=200, ge=1, le=1000, description="messages in one turn at most")
    turn_pace_seconds: float = Field(
        default=0.015, ge=0, le=1, description="longest rest between two turns, in which messages gather"
    )
